<?php
// Asks a restored application whether it works: serves its files, and prints its own answer.
$port = getenv('NEXOAUDIT_PORT');
$quiet = ['file', '/dev/null', 'w'];
$server = proc_open(
    [PHP_BINARY, '-S', "127.0.0.1:$port", '-t', getenv('NEXOAUDIT_FILES')],
    [['file', '/dev/null', 'r'], $quiet, $quiet],
    $pipes
);
$answer = false;
for ($try = 0; $try < 200 && $answer === false; $try++) {
    usleep(20000);
    $answer = @file_get_contents("http://127.0.0.1:$port/api/health-check.php");
}
proc_terminate($server);
if ($answer === false) {
    fwrite(STDERR, "error: the application does not answer\n");
    exit(1);
}
echo $answer;
