-- +goose Up
-- Hand-over records live three years or longer (PIPL), whoever asks.
-- +goose StatementBegin
create function ledger_guard() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and tg_table_name = 'ledger_entry' then
        if old.at < extract(epoch from clock_timestamp() - interval '3 years') * 1000000 then
            return old;
        end if;
    end if;
    raise exception '%: % refused', tg_table_name, tg_op;
end;
$$;
-- +goose StatementEnd
create trigger ledger_entry_kept before delete or update on ledger_entry for each row execute function ledger_guard();
create trigger ledger_entry_whole before truncate on ledger_entry for each statement execute function ledger_guard();
create trigger ledger_signed_kept before delete or update on ledger_signed for each row execute function ledger_guard();
create trigger ledger_signed_whole before truncate on ledger_signed for each statement execute function ledger_guard();

-- +goose Down
drop trigger ledger_signed_whole on ledger_signed;
drop trigger ledger_signed_kept on ledger_signed;
drop trigger ledger_entry_whole on ledger_entry;
drop trigger ledger_entry_kept on ledger_entry;
drop function ledger_guard();
