-- +goose Up
create table ledger_head (
    subject text   not null primary key,
    seq     bigint not null,
    hash    text   not null
);

create table ledger_entry (
    subject       text   not null,
    seq           bigint not null,
    id            text   not null unique,
    by_subject    text   not null,
    receiver_kind text   not null,
    receiver_id   text   not null,
    receiver_name text   not null,
    purpose       text   not null,
    item          text   not null,
    case_id       text   not null,
    fields        text   not null,
    basis         text   not null,
    at            bigint not null,
    prev          text   not null,
    hash          text   not null,
    primary key (subject, seq)
);

-- +goose Down
drop table ledger_entry;
drop table ledger_head;
