-- +goose Up
create index identity_session_subject on identity_session (subject);
create index identity_session_by on identity_session (by_subject) where by_subject <> '';

-- +goose Down
drop index identity_session_by;
drop index identity_session_subject;
