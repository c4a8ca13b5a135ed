-- Two roles and two databases, once: psql -v cases_password=… -v prefect_password=… -f databases.sql
CREATE ROLE whistle LOGIN PASSWORD :'cases_password';
CREATE ROLE prefect LOGIN PASSWORD :'prefect_password';
CREATE DATABASE cases OWNER whistle ENCODING 'UTF8' TEMPLATE template0;
CREATE DATABASE prefect OWNER prefect ENCODING 'UTF8' TEMPLATE template0;
REVOKE CONNECT ON DATABASE cases, prefect FROM PUBLIC;
\connect prefect
-- Prefect's migrations look for names with it; its package is in Debian's `postgresql`.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
