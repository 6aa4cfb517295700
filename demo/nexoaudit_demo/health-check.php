<?php
// Contesta lo que hay en la base de datos cuando todo está en su sitio.
$root = getenv('NEXOAUDIT_CONFIG');
require $root ? "$root/var/www/nexosupport/lib/config.php" : __DIR__ . '/../lib/config.php';
$socket = getenv('NEXOAUDIT_SOCKET') ?: '/run/mysqld/mysqld.sock';
$user = getenv('NEXOAUDIT_USER') ?: $CFG->dbuser;
$database = new PDO("mysql:unix_socket=$socket;dbname={$CFG->dbname};charset=utf8mb4", $user,
    getenv('NEXOAUDIT_USER') ? '' : $CFG->dbpass);
$said = $database->query("SELECT value FROM config WHERE name = 'site.motd'")->fetchColumn();
echo json_encode(['status' => 'ok', 'motd' => $said], JSON_UNESCAPED_UNICODE), "\n";
