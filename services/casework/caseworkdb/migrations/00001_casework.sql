-- +goose Up
create table casework_case (
    subject          text   not null,
    id               text   not null unique,
    by_subject       text   not null,
    item             text   not null,
    item_name        text   not null,
    region           text   not null,
    receiving_region text   not null,
    app              text   not null,
    state            text   not null,
    seq              bigint not null,
    note             text   not null, -- sealed
    review_point     text   not null,
    receipt          text   not null,
    fields           text   not null, -- sealed
    materials        text   not null, -- sealed
    created_at       bigint not null,
    updated_at       bigint not null,
    primary key (subject, id)
);

create index casework_case_newest on casework_case (subject, created_at, id);

create table casework_claim (
    subject     text   not null,
    key         text   not null, -- keyed hash
    fingerprint text   not null, -- keyed hash
    case_id     text   not null,
    at          bigint not null,
    primary key (subject, key)
);

create table casework_event (
    subject      text    not null,
    case_id      text    not null,
    id           text    not null,
    seq          bigint  not null,
    state        text    not null,
    at           bigint  not null,
    note         text    not null, -- sealed
    review_point text    not null,
    received_at  bigint  not null,
    told         boolean not null,
    primary key (subject, case_id, id)
);

-- +goose Down
drop table casework_event;
drop table casework_claim;
drop table casework_case;
