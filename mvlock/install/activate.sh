# To be read by a shell, not run: `. app/bin/activate`; `deactivate` undoes it. For sh, bash, ksh and zsh.

deactivate () {
    if [ -n "${_MVLOCK_PATH+set}" ]; then PATH=$_MVLOCK_PATH; export PATH; unset _MVLOCK_PATH; fi
    if [ -n "${_MVLOCK_HOME+set}" ]; then PYTHONHOME=$_MVLOCK_HOME; export PYTHONHOME; unset _MVLOCK_HOME; fi
    if [ -n "${_MVLOCK_PS1+set}" ]; then PS1=$_MVLOCK_PS1; unset _MVLOCK_PS1; fi
    unset VIRTUAL_ENV VIRTUAL_ENV_PROMPT
    hash -r 2>/dev/null || :
    if [ "${1:-}" != again ]; then unset -f deactivate; fi
}
deactivate again

VIRTUAL_ENV=$(CDPATH= cd -- "$(dirname -- "${BASH_SOURCE:-$0}")/.." 2>/dev/null && pwd)
if [ ! -f "$VIRTUAL_ENV/pyvenv.cfg" ] || [ ! -x "$VIRTUAL_ENV/bin/python" ]; then
    VIRTUAL_ENV=@PLACE@  # this shell does not tell which file it reads
fi
VIRTUAL_ENV_PROMPT=@NAME@
export VIRTUAL_ENV VIRTUAL_ENV_PROMPT

_MVLOCK_PATH=$PATH
PATH=$VIRTUAL_ENV/bin:$PATH
export PATH
if [ -n "${PYTHONHOME+set}" ]; then _MVLOCK_HOME=$PYTHONHOME; unset PYTHONHOME; fi
if [ -z "${VIRTUAL_ENV_DISABLE_PROMPT:-}" ] && [ -n "${PS1:-}" ]; then
    _MVLOCK_PS1=$PS1
    PS1="($VIRTUAL_ENV_PROMPT) $PS1"
fi
hash -r 2>/dev/null || :
