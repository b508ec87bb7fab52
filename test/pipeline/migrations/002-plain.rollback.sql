DROP FUNCTION two();
DELETE FROM things WHERE what <> 'x' -- no semicolon
