CREATE TABLE fine ();
