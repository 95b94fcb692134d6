create table if not exists visit (at timestamp not null default current_timestamp);
