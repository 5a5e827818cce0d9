-- +goose Up
alter table ledger_head add column signed bigint not null default 0; -- the seq of the newest signed head
alter table ledger_head add column pruned bigint not null default 0; -- the seq of the newest entry that was pruned
create index ledger_head_unsigned on ledger_head (subject) where signed < seq;
create index ledger_entry_by on ledger_entry (by_subject, at) where by_subject <> '';

create table ledger_signed (
    subject text   not null,
    seq     bigint not null,
    link    text   not null, -- the keyed hash of the entry at seq
    digest  text   not null, -- what the signature is over
    jws     text   not null,
    at      bigint not null,
    primary key (subject, seq)
);

create table ledger_key (
    id    text   not null primary key,
    jwk   text   not null,
    mac   text   not null, -- keyed, so that who can write rows adds no key
    since bigint not null
);

-- +goose Down
drop table ledger_key;
drop table ledger_signed;
drop index ledger_entry_by;
drop index ledger_head_unsigned;
alter table ledger_head drop column pruned;
alter table ledger_head drop column signed;
