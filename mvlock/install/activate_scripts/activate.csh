# To be read by csh or tcsh, not run: `source app/bin/activate.csh`; `deactivate` undoes it.

alias deactivate 'test $?_MVLOCK_PATH != 0 && setenv PATH "$_MVLOCK_PATH" && unset _MVLOCK_PATH; test $?_MVLOCK_HOME != 0 && setenv PYTHONHOME "$_MVLOCK_HOME" && unset _MVLOCK_HOME; test $?_MVLOCK_PROMPT != 0 && set prompt = "$_MVLOCK_PROMPT" && unset _MVLOCK_PROMPT; unsetenv VIRTUAL_ENV; unsetenv VIRTUAL_ENV_PROMPT; rehash; test "\!:*" != again && unalias deactivate'
deactivate again

# This shell does not tell which file it reads: if the project was moved, read it in the project's folder.
setenv VIRTUAL_ENV @PLACE@
if (! -x "$VIRTUAL_ENV/bin/python") setenv VIRTUAL_ENV "$cwd"/@APP@
setenv VIRTUAL_ENV_PROMPT @NAME@

set _MVLOCK_PATH = "$PATH"
setenv PATH "$VIRTUAL_ENV/bin:$PATH"
if ($?PYTHONHOME) then
    set _MVLOCK_HOME = "$PYTHONHOME"
    unsetenv PYTHONHOME
endif
if (! $?VIRTUAL_ENV_DISABLE_PROMPT && $?prompt) then
    set _MVLOCK_PROMPT = "$prompt"
    set prompt = "($VIRTUAL_ENV_PROMPT) $prompt"
endif
rehash
