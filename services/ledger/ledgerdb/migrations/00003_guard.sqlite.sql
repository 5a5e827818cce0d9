-- +goose Up
-- Hand-over records live three years or longer (PIPL), whoever asks.
-- +goose StatementBegin
create trigger ledger_entry_kept before delete on ledger_entry
when old.at >= unixepoch('now', '-3 years') * 1000000
begin
    select raise(abort, 'ledger_entry: kept for three years');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger ledger_entry_fixed before update on ledger_entry
begin
    select raise(abort, 'ledger_entry: never changed');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger ledger_signed_kept before delete on ledger_signed
begin
    select raise(abort, 'ledger_signed: never removed');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger ledger_signed_fixed before update on ledger_signed
begin
    select raise(abort, 'ledger_signed: never changed');
end;
-- +goose StatementEnd

-- +goose Down
drop trigger ledger_signed_fixed;
drop trigger ledger_signed_kept;
drop trigger ledger_entry_fixed;
drop trigger ledger_entry_kept;
