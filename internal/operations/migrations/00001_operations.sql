-- +goose Up
create table operations_document (
  front text   not null,
  id    text   not null,
  name  text   not null,
  kind  text   not null,
  body  text   not null,
  at    bigint not null,
  primary key (front, id)
);

-- +goose Down
drop table operations_document;
