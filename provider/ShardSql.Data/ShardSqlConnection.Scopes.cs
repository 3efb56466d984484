using System;
using System.Transactions;
using ShardSql.Data.Commands;

namespace ShardSql.Data;

/// <content>Taking part in a TransactionScope, as its only resource.</content>
public sealed partial class ShardSqlConnection
{
    private ScopeEnlistment? _enlistment;

    /// <summary>
    /// Makes this open connection part of a transaction of System.Transactions; opening a connection inside of a
    /// TransactionScope does so unless <c>Enlist=false</c>. One connection at a time takes part, and nothing else: the
    /// transaction commits in one phase or not at all.
    /// </summary>
    /// <exception cref="NotSupportedException">The transaction has another connection already.</exception>
    public override void EnlistTransaction(Transaction? transaction)
    {
        RequireOpen();
        RequireIdle();
        if (transaction is null)
        {
            return;
        }

        if (_enlistment is not null)
        {
            if (ReferenceEquals(ScopeEnlistment.Of(transaction), _enlistment))
            {
                return;
            }

            throw new InvalidOperationException("The connection takes part in another transaction already.");
        }

        RefuseSecond(transaction);
        Enlist(transaction);
    }

    /// <summary>Takes session and transaction from another connection of the same scope.</summary>
    internal void TakeOver(ShardSqlConnection other, ShardSqlTransaction transaction)
    {
        (_rented, _rentedAt, _watchdog) = (other._rented, other._rentedAt, other._watchdog);
        (_transaction, _enlistment) = (other._transaction, other._enlistment);
        (other._rented, other._watchdog, other._transaction, other._enlistment) = (null, null, null, null);
        transaction.MoveTo(this);
    }

    /// <summary>The scope has ended.</summary>
    internal void LeaveScope() => _enlistment = null;

    /// <summary>Ends the session instead of giving it back.</summary>
    internal void DropSession() => _rented?.Session.Break("its transaction could not be rolled back");

    private static NotSupportedException Second() => new(
        "The TransactionScope has an open connection of ShardSql already, or one to another cluster. One at a time takes "
        + "part in a scope: close the first, or use Enlist=false for this one.");

    private static void RefuseSecond(Transaction scope)
    {
        if (ScopeEnlistment.Of(scope) is not null)
        {
            throw Second();
        }
    }

    private void Enlist(Transaction scope)
    {
        try
        {
            _enlistment = ScopeEnlistment.Begin(scope, this, Source, Begin);
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>Whether the scope had a session that an earlier connection left there; it is this one's then.</summary>
    private bool TryRejoin(Transaction scope, ShardSqlDataSource source)
    {
        if (ScopeEnlistment.Of(scope) is not { } enlistment)
        {
            return false;
        }

        if (!enlistment.IsParked || !ReferenceEquals(enlistment.Source, source))
        {
            throw Second();
        }

        enlistment.MoveTo(this, isParked: false);
        return true;
    }
}
