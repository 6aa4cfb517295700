-- A support desk: accounts, tickets, knowledge, and what must be provable about them.

CREATE DATABASE nexosupport CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
USE nexosupport;

CREATE TABLE config (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(100) NOT NULL,
  value LONGTEXT NOT NULL,
  timemodified INT UNSIGNED NOT NULL,
  UNIQUE KEY config_name (name)
) ENGINE=InnoDB;

CREATE TABLE theme_settings (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  theme VARCHAR(50) NOT NULL,
  name VARCHAR(100) NOT NULL,
  value TEXT,
  UNIQUE KEY theme_settings_name (theme, name)
) ENGINE=InnoDB;

CREATE TABLE departments (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(120) NOT NULL,
  email VARCHAR(190) NOT NULL,
  sortorder SMALLINT NOT NULL DEFAULT 0
) ENGINE=InnoDB;

CREATE TABLE roles (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  shortname VARCHAR(50) NOT NULL UNIQUE,
  name VARCHAR(120) NOT NULL,
  capabilities TEXT NOT NULL
) ENGINE=InnoDB;

CREATE TABLE tags (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(60) NOT NULL UNIQUE,
  colour CHAR(7) NOT NULL
) ENGINE=InnoDB;

CREATE TABLE users (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  username VARCHAR(100) NOT NULL UNIQUE,
  email VARCHAR(190) NOT NULL,
  passwordhash CHAR(60) NOT NULL,
  firstname VARCHAR(80) NOT NULL,
  lastname VARCHAR(80) NOT NULL,
  department_id INT UNSIGNED,
  suspended TINYINT NOT NULL DEFAULT 0,
  lastlogin INT UNSIGNED NOT NULL DEFAULT 0,
  timecreated INT UNSIGNED NOT NULL,
  timemodified INT UNSIGNED NOT NULL,
  KEY users_lastlogin (lastlogin),
  CONSTRAINT users_department FOREIGN KEY (department_id) REFERENCES departments (id)
) ENGINE=InnoDB;

CREATE TABLE role_assignments (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id INT UNSIGNED NOT NULL,
  role_id INT UNSIGNED NOT NULL,
  timecreated INT UNSIGNED NOT NULL,
  CONSTRAINT role_assignments_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT role_assignments_role FOREIGN KEY (role_id) REFERENCES roles (id)
) ENGINE=InnoDB;

CREATE TABLE sessions (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  sid CHAR(64) NOT NULL UNIQUE,
  user_id INT UNSIGNED NOT NULL,
  ip VARBINARY(16) NOT NULL,
  userdata TEXT NOT NULL,
  timecreated INT UNSIGNED NOT NULL,
  timemodified INT UNSIGNED NOT NULL,
  KEY sessions_timemodified (timemodified),
  CONSTRAINT sessions_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB;

CREATE TABLE mfa_settings (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id INT UNSIGNED NOT NULL,
  factor ENUM('totp', 'email', 'backup_codes') NOT NULL,
  secret VARBINARY(64) NOT NULL,
  enabled TINYINT NOT NULL DEFAULT 1,
  timecreated INT UNSIGNED NOT NULL,
  timemodified INT UNSIGNED NOT NULL,
  CONSTRAINT mfa_settings_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB;

CREATE TABLE tickets (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  code VARCHAR(20) NOT NULL UNIQUE,
  user_id INT UNSIGNED NOT NULL,
  assignee_id INT UNSIGNED,
  department_id INT UNSIGNED NOT NULL,
  subject VARCHAR(255) NOT NULL,
  status ENUM('open', 'pending', 'resolved', 'closed') NOT NULL DEFAULT 'open',
  priority TINYINT NOT NULL DEFAULT 2,
  timecreated INT UNSIGNED NOT NULL,
  timemodified INT UNSIGNED NOT NULL,
  KEY tickets_status (status, timemodified),
  CONSTRAINT tickets_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT tickets_assignee FOREIGN KEY (assignee_id) REFERENCES users (id),
  CONSTRAINT tickets_department FOREIGN KEY (department_id) REFERENCES departments (id)
) ENGINE=InnoDB;

CREATE TABLE ticket_tags (
  ticket_id INT UNSIGNED NOT NULL,
  tag_id INT UNSIGNED NOT NULL,
  PRIMARY KEY (ticket_id, tag_id),
  CONSTRAINT ticket_tags_ticket FOREIGN KEY (ticket_id) REFERENCES tickets (id) ON DELETE CASCADE,
  CONSTRAINT ticket_tags_tag FOREIGN KEY (tag_id) REFERENCES tags (id)
) ENGINE=InnoDB;

CREATE TABLE ticket_messages (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  ticket_id INT UNSIGNED NOT NULL,
  user_id INT UNSIGNED NOT NULL,
  body MEDIUMTEXT NOT NULL,
  internal TINYINT NOT NULL DEFAULT 0,
  timecreated INT UNSIGNED NOT NULL,
  CONSTRAINT ticket_messages_ticket FOREIGN KEY (ticket_id) REFERENCES tickets (id) ON DELETE CASCADE,
  CONSTRAINT ticket_messages_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB;

CREATE TABLE attachments (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  message_id INT UNSIGNED NOT NULL,
  filename VARCHAR(255) NOT NULL,
  mimetype VARCHAR(100) NOT NULL,
  contenthash CHAR(64) NOT NULL,
  content MEDIUMBLOB NOT NULL,
  timecreated INT UNSIGNED NOT NULL,
  CONSTRAINT attachments_message FOREIGN KEY (message_id) REFERENCES ticket_messages (id) ON DELETE CASCADE
) ENGINE=InnoDB;

CREATE TABLE stored_files (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  path VARCHAR(255) NOT NULL UNIQUE,
  timecreated INT UNSIGNED NOT NULL
) ENGINE=InnoDB;

CREATE TABLE knowledge_articles (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  author_id INT UNSIGNED NOT NULL,
  title VARCHAR(255) NOT NULL,
  body MEDIUMTEXT NOT NULL,
  timecreated INT UNSIGNED NOT NULL,
  timemodified INT UNSIGNED NOT NULL,
  CONSTRAINT knowledge_articles_author FOREIGN KEY (author_id) REFERENCES users (id)
) ENGINE=InnoDB;

CREATE TABLE audit_log (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id INT UNSIGNED,
  action VARCHAR(60) NOT NULL,
  target VARCHAR(60) NOT NULL,
  target_id INT UNSIGNED NOT NULL,
  detail TEXT,
  timecreated INT UNSIGNED NOT NULL,
  KEY audit_log_timecreated (timecreated),
  CONSTRAINT audit_log_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB;

CREATE VIEW open_tickets AS
  SELECT t.id, t.code, t.subject, t.priority, d.name AS department,
         CONCAT(u.firstname, ' ', u.lastname) AS requester, t.timecreated
  FROM tickets t
  JOIN users u ON u.id = t.user_id
  JOIN departments d ON d.id = t.department_id
  WHERE t.status IN ('open', 'pending');

CREATE VIEW department_load AS
  SELECT d.id, d.name, COUNT(o.id) AS waiting, MIN(o.timecreated) AS oldest
  FROM departments d
  LEFT JOIN open_tickets o ON o.department = d.name
  GROUP BY d.id, d.name;

DELIMITER //

CREATE TRIGGER tickets_opened AFTER INSERT ON tickets FOR EACH ROW
BEGIN
  INSERT INTO audit_log (user_id, action, target, target_id, detail, timecreated)
  VALUES (NEW.user_id, 'ticket.opened', 'tickets', NEW.id, NEW.subject, NEW.timecreated);
END//

CREATE TRIGGER tickets_moved AFTER UPDATE ON tickets FOR EACH ROW
BEGIN
  IF NEW.status <> OLD.status THEN
    INSERT INTO audit_log (user_id, action, target, target_id, detail, timecreated)
    VALUES (NEW.assignee_id, 'ticket.moved', 'tickets', NEW.id,
            CONCAT(OLD.status, ' → ', NEW.status), NEW.timemodified);
  END IF;
END//

CREATE FUNCTION ticket_messages_of(wanted INT UNSIGNED) RETURNS INT READS SQL DATA
BEGIN
  RETURN (SELECT COUNT(*) FROM ticket_messages WHERE ticket_id = wanted);
END//

CREATE PROCEDURE purge_sessions(IN before_time INT UNSIGNED)
BEGIN
  DELETE FROM sessions WHERE timemodified < before_time;
END//

CREATE EVENT purge_old_sessions ON SCHEDULE EVERY 1 HOUR
  STARTS '2025-01-01 00:15:00' ON COMPLETION PRESERVE ENABLE
  DO CALL purge_sessions(UNIX_TIMESTAMP() - 86400)//

DELIMITER ;

CREATE DATABASE workshop CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE TABLE workshop.sentences (n INT PRIMARY KEY, body TEXT NOT NULL) ENGINE=InnoDB;
