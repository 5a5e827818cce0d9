-- +goose Up
create table reseal_key (
    kid         text   not null primary key, -- '' is the index key
    suite       text   not null,
    fingerprint text   not null,
    since       bigint not null,
    retired_at  bigint not null -- 0 while values may need it
);

create table reseal_process (
    id      text   not null primary key,
    seals   text   not null, -- the kid
    knows   text   not null, -- kids, as JSON
    seen_at bigint not null
);

-- How far a column has been walked for a new current key.
create table reseal_walk (
    place    text   not null primary key, -- table.column
    kid      text   not null,
    position text   not null, -- the last row's key, as JSON; '' before the first
    resealed bigint not null,
    kept     bigint not null, -- written by somebody else meanwhile
    ended_at bigint not null  -- 0 while rows are left
);

-- +goose Down
drop table reseal_walk;
drop table reseal_process;
drop table reseal_key;
