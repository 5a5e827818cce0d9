-- +goose Up
create table material_upload (
    subject    text   not null,
    id         text   not null unique,
    by_subject text   not null,
    item       text   not null,
    region     text   not null,
    material   text   not null,
    media_type text   not null,
    bytes      bigint not null,
    sha256     text   not null,
    attempt    text   not null, -- '' before there is a content
    pieces     bigint not null,
    case_id    text   not null, -- '' before a case has it
    app        text   not null,
    created_at bigint not null,
    expires_at bigint not null,
    taken_at   bigint not null,
    fetched_at bigint not null,
    primary key (subject, id)
);

create index material_upload_unused on material_upload (created_at) where case_id = '';

create table material_piece (
    subject text   not null,
    upload  text   not null,
    attempt text   not null,
    n       bigint not null,
    at      bigint not null, -- when its upload was asked for
    content text   not null, -- sealed
    primary key (subject, upload, attempt, n)
);

create index material_piece_left on material_piece (at);

create table material_signature (
    subject    text   not null,
    id         text   not null unique,
    by_subject text   not null,
    item       text   not null,
    region     text   not null,
    material   text   not null,
    title      text   not null,
    document   text   not null, -- sealed
    sha256     text   not null,
    level      bigint not null,
    seal       text   not null, -- sealed
    case_id    text   not null,
    app        text   not null,
    signed_at  bigint not null,
    taken_at   bigint not null,
    fetched_at bigint not null,
    primary key (subject, id)
);

create index material_signature_unused on material_signature (signed_at) where case_id = '';

create table material_key (
    kid   text   primary key,
    jwk   text   not null, -- public
    since bigint not null
);

-- +goose Down
drop table material_key;
drop table material_signature;
drop table material_piece;
drop table material_upload;
