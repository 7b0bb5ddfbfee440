# To be read by fish, not run: `source app/bin/activate.fish`; `deactivate` undoes it.

function deactivate -d 'Leave the environment'
    if set -q _MVLOCK_PATH; set -gx PATH $_MVLOCK_PATH; set -e _MVLOCK_PATH; end
    if set -q _MVLOCK_HOME; set -gx PYTHONHOME $_MVLOCK_HOME; set -e _MVLOCK_HOME; end
    if functions -q _mvlock_prompt
        functions -e fish_prompt
        functions -c _mvlock_prompt fish_prompt
        functions -e _mvlock_prompt
    end
    set -e VIRTUAL_ENV; set -e VIRTUAL_ENV_PROMPT
    if test "$argv[1]" != again; functions -e deactivate; end
end
deactivate again

set -gx VIRTUAL_ENV (realpath (dirname (status filename))/..)
set -gx VIRTUAL_ENV_PROMPT @NAME@

set -g _MVLOCK_PATH $PATH
set -gx PATH $VIRTUAL_ENV/bin $PATH
if set -q PYTHONHOME; set -g _MVLOCK_HOME $PYTHONHOME; set -e PYTHONHOME; end
if test -z "$VIRTUAL_ENV_DISABLE_PROMPT"; and functions -q fish_prompt
    functions -c fish_prompt _mvlock_prompt
    function fish_prompt
        set -l code $status
        printf '(%s) ' $VIRTUAL_ENV_PROMPT
        echo "exit $code" | source  # the prompt sees the status of the last command
        _mvlock_prompt
    end
end
