-- +goose Up
create table casework_payment (
    subject    text   not null,
    case_id    text   not null,
    order_no   text   not null unique,
    title      text   not null,
    amount     bigint not null check (amount > 0), -- fen
    state      text   not null,
    pay_before bigint not null,
    cashier    text   not null, -- sealed: whoever has the address may pay
    receipt    text   not null,
    paid_at    bigint not null, -- 0 until paid
    refunding  bigint not null, -- fen
    refunded   bigint not null, -- fen
    look_at    bigint not null, -- 0: need not be looked at
    looks      bigint not null,
    receiver   text   not null,
    handed     text   not null, -- names of fields and materials, as JSON
    created_at bigint not null,
    updated_at bigint not null,
    primary key (subject, case_id)
);

create index casework_payment_look on casework_payment (look_at) where look_at > 0;

create table casework_refund (
    subject    text   not null,
    order_no   text   not null,
    trade      text   not null,
    id         text   not null unique,
    amount     bigint not null check (amount > 0), -- fen
    state      text   not null,
    created_at bigint not null,
    done_at    bigint not null, -- 0 until done
    primary key (subject, order_no, trade)
);

-- +goose Down
drop table casework_refund;
drop table casework_payment;
