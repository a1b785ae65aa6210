@"%~dp0node.exe" "%~dp0..\cli\cli.mjs" %*
