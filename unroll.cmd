@echo off
rem The script "unroll" for Windows: runs benchmarks and experiments straight on Java, and builds
rem first where a source is newer than the last build.
setlocal
set "home=%~dp0"
set "launch=%home%rnn-cli\target\unroll.args"

set "jdk="
for %%j in ("%JAVA25_HOME%" "%JAVA_HOME%") do call :jdk "%%~j"
for /d %%j in ("%ProgramFiles%\Java\*" "%ProgramFiles%\Eclipse Adoptium\*") do call :jdk "%%~j"
if not defined jdk (
  echo Error: JDK 25 is required: set JAVA25_HOME to its folder. 1>&2
  exit /b 3
)

powershell -NoProfile -Command ^
  "$launch = Get-Item -ErrorAction Ignore $env:launch;" ^
  "$sources = Get-ChildItem -Recurse -Path ($env:home + 'pom.xml'), ($env:home + 'rnn-*\pom.xml')," ^
  "  ($env:home + 'rnn-*\src\main'), ($env:home + 'rnn-core\src\verify');" ^
  "exit [int](-not $launch -or ($sources | Where-Object LastWriteTime -gt $launch.LastWriteTime))"
if errorlevel 1 (
  echo Building, which takes a minute the first time ... 1>&2
  pushd "%home%"
  call mvn -B -q -ntp -pl rnn-cli exec-package 1>&2
  if errorlevel 1 (
    popd
    echo Error: The build failed, see above. 1>&2
    exit /b 3
  )
  popd
)

set "UNROLL_HOME="
if /i not "%cd%\"=="%home%" set "UNROLL_HOME=%home%"
"%jdk%\bin\java" "@%launch%" %*
exit /b %errorlevel%

:jdk
if not defined jdk if exist "%~1\release" (
  findstr /b /c:"JAVA_VERSION=\"25" "%~1\release" >nul && set "jdk=%~1"
)
exit /b 0
