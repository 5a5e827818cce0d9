-- +goose Up
create table changes_head (
    shard integer primary key,
    seq   bigint not null
);

insert into changes_head (shard, seq) values
    (0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 0),
    (8, 0), (9, 0), (10, 0), (11, 0), (12, 0), (13, 0), (14, 0), (15, 0);

create table changes_row (
    shard integer not null,
    seq   bigint  not null,
    key   text    not null,
    what  integer not null,
    at    bigint  not null,
    primary key (shard, seq)
);

create index changes_row_at on changes_row (at);
