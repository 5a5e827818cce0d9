-- +goose Up
create table identity_evidence (
    subject     text   not null,
    kind        text   not null,
    source      text   not null,
    level       bigint not null,
    value       text   not null, -- sealed
    phone_index text,            -- keyed hash of a number that its operator verified; else null
    proved_at   bigint not null,
    primary key (subject, kind, source)
);
create index identity_evidence_phone on identity_evidence (phone_index) where phone_index is not null;

-- A keyed hash of a person's phone number: it finds no account for anybody who
-- signs in, but those whose profile a recycled number must leave.
alter table identity_account add column phone_index text;
create index identity_account_phone on identity_account (phone_index) where phone_index is not null;

-- +goose Down
drop index identity_account_phone;
alter table identity_account drop column phone_index;
drop table identity_evidence;
