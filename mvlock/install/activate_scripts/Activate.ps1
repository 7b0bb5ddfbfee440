# To be read by PowerShell, not run: `. app/bin/Activate.ps1`; `deactivate` undoes it.

function global:deactivate([switch]$Again) {
    if (Test-Path variable:global:_MVLOCK_PATH) {
        $env:PATH = $global:_MVLOCK_PATH
        Remove-Variable -Scope Global -Name _MVLOCK_PATH
    }
    if (Test-Path variable:global:_MVLOCK_HOME) {
        $env:PYTHONHOME = $global:_MVLOCK_HOME
        Remove-Variable -Scope Global -Name _MVLOCK_HOME
    }
    if (Test-Path function:_mvlock_prompt) {
        Copy-Item function:_mvlock_prompt function:prompt
        Remove-Item function:_mvlock_prompt
    }
    Remove-Item -ErrorAction SilentlyContinue env:VIRTUAL_ENV, env:VIRTUAL_ENV_PROMPT
    if (-not $Again) { Remove-Item function:deactivate }
}
deactivate -Again

$env:VIRTUAL_ENV = Split-Path -Parent $PSScriptRoot
$env:VIRTUAL_ENV_PROMPT = @NAME@

$global:_MVLOCK_PATH = $env:PATH
$env:PATH = $PSScriptRoot + [System.IO.Path]::PathSeparator + $env:PATH
if (Test-Path env:PYTHONHOME) {
    $global:_MVLOCK_HOME = $env:PYTHONHOME
    Remove-Item env:PYTHONHOME
}
if (-not $env:VIRTUAL_ENV_DISABLE_PROMPT) {
    function global:_mvlock_prompt { "" }
    Copy-Item function:prompt function:_mvlock_prompt
    function global:prompt {
        Write-Host -NoNewline "($env:VIRTUAL_ENV_PROMPT) "
        _mvlock_prompt
    }
}
