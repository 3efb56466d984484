using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Transactions;
using IsolationLevel = System.Data.IsolationLevel;

namespace ShardSql.Data.Commands;

/// <summary>
/// One session's part in a transaction of System.Transactions: the only resource in it, so that its commit is the commit.
/// Connections of the scope take the session over from one another; between two of them a hidden one keeps it.
/// </summary>
internal sealed class ScopeEnlistment : ISinglePhaseNotification
{
    private static readonly ConcurrentDictionary<string, ScopeEnlistment> s_all = new(StringComparer.Ordinal);

    private readonly ShardSqlTransaction _transaction;
    private readonly string _scope;
    private ShardSqlConnection _holder;

    private ScopeEnlistment(
        string scope, ShardSqlConnection first, ShardSqlTransaction transaction, ShardSqlDataSource source)
    {
        _scope = scope;
        _holder = first;
        _transaction = transaction;
        Source = source;
    }

    /// <summary>Where its session belongs.</summary>
    public ShardSqlDataSource Source { get; }

    /// <summary>Whether the connection that has the session was closed by its user.</summary>
    public bool IsParked { get; private set; }

    /// <summary>That of a transaction, if it has one already.</summary>
    public static ScopeEnlistment? Of(Transaction scope) =>
        s_all.GetValueOrDefault(scope.TransactionInformation.LocalIdentifier);

    /// <summary>Begins one: the connection's next commands are part of the scope.</summary>
    public static ScopeEnlistment Begin(
        Transaction scope, ShardSqlConnection connection, ShardSqlDataSource source, Func<IsolationLevel, ShardSqlTransaction> begin)
    {
        string id = scope.TransactionInformation.LocalIdentifier;
        var enlistment = new ScopeEnlistment(id, connection, begin(LevelOf(scope)), source);
        scope.EnlistVolatile(enlistment, EnlistmentOptions.None);
        s_all[id] = enlistment;
        return enlistment;
    }

    /// <summary>Gives the session to another connection of the scope.</summary>
    public void MoveTo(ShardSqlConnection connection, bool isParked)
    {
        connection.TakeOver(_holder, _transaction);
        _holder = connection;
        IsParked = isParked;
    }

    /// <inheritdoc />
    public void SinglePhaseCommit(SinglePhaseEnlistment singlePhaseEnlistment)
    {
        try
        {
            _transaction.Commit();
            singlePhaseEnlistment.Committed();
        }
        catch (ShardSqlException error) when (error.Outcome == ShardSqlOutcome.Unknown)
        {
            singlePhaseEnlistment.InDoubt(error);
        }
        catch (Exception error) when (error is ShardSqlException or InvalidOperationException)
        {
            RollBack();
            singlePhaseEnlistment.Aborted(error);
        }
        finally
        {
            End();
        }
    }

    /// <inheritdoc />
    public void Prepare(PreparingEnlistment preparingEnlistment)
    {
        var refusal = new NotSupportedException(
            "The TransactionScope holds another resource beside a connection of ShardSql. Only one takes part in a scope: "
            + "there is no commit that covers both. Use one connection, or Enlist=false for the other.");
        try
        {
            RollBack();
        }
        finally
        {
            preparingEnlistment.ForceRollback(refusal);
        }
    }

    /// <inheritdoc />
    public void Commit(Enlistment enlistment) =>
        throw new InvalidOperationException("Only the commit in one phase is offered.");

    /// <inheritdoc />
    public void Rollback(Enlistment enlistment)
    {
        try
        {
            RollBack();
        }
        finally
        {
            enlistment.Done();
        }
    }

    /// <inheritdoc />
    public void InDoubt(Enlistment enlistment) => enlistment.Done();

    private static IsolationLevel LevelOf(Transaction scope) => scope.IsolationLevel switch
    {
        System.Transactions.IsolationLevel.Snapshot => IsolationLevel.Snapshot,
        System.Transactions.IsolationLevel.Chaos => IsolationLevel.Chaos,
        _ => IsolationLevel.Serializable,
    };

    private void RollBack()
    {
        try
        {
            if (_transaction.IsOpen)
            {
                _transaction.Rollback();
            }
        }
        catch (ShardSqlException)
        {
            // The session could not say so: closing it rolls back what it had open.
            _holder.DropSession();
        }
        finally
        {
            End();
        }
    }

    private void End()
    {
        if (!s_all.TryRemove(_scope, out _))
        {
            return;
        }

        _holder.LeaveScope();
        if (IsParked)
        {
            _holder.Dispose();
        }
    }
}
