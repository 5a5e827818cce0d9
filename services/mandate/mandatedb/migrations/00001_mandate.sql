-- +goose Up
create table mandate (
    principal    text    not null,
    id           text    not null primary key,
    delegate     text    not null, -- empty while it is offered
    kind         text    not null,
    scopes       text    not null,
    made_by      text    not null,
    code         text    not null, -- keyed hash; empty once it was taken or ended
    elder        boolean not null,
    until_at     bigint  not null,
    over_at      bigint  not null, -- when it is over by itself as it stands
    offered_at   bigint  not null,
    accepted_at  bigint  not null,
    confirmed_at bigint  not null,
    ended_at     bigint  not null,
    ended_by     text    not null
);
create unique index mandate_code on mandate (code) where code <> '';
create index mandate_given on mandate (principal, offered_at, id);
create index mandate_taken on mandate (delegate, offered_at, id) where delegate <> '';
create index mandate_elders on mandate (delegate, principal) where elder and ended_at = 0;

-- A person's row holds back whoever else offers or tries in their name.
create table mandate_turn (
    subject text not null primary key
);

create table mandate_try (
    subject text   not null,
    at      bigint not null,
    n       bigint not null, -- tries of one moment
    primary key (subject, at)
);

-- +goose Down
drop table mandate_try;
drop table mandate_turn;
drop table mandate;
