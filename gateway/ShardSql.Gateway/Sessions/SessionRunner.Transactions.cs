using System;
using System.Threading.Tasks;

using Google.Protobuf.Collections;

using ShardSql.Gateway.Commit;
using ShardSql.Primitives;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Gateway.Sessions;

/// <summary>The session's explicit transaction: none, open, or failed until ROLLBACK.</summary>
internal sealed partial class SessionRunner
{
    private TransactionName? _name;
    private OpenTransaction? _transaction;
    private bool _readOnly;
    private bool _failed;

    /// <summary>Whether BEGIN has been said and neither COMMIT nor ROLLBACK.</summary>
    private bool IsOpen => _name is not null;

    /// <summary>Whether it is open and has done nothing yet.</summary>
    private bool IsUnused => IsOpen && !_failed && _transaction is null;

    private TransactionState State => !IsOpen ? TransactionState.Idle
        : _failed ? TransactionState.Failed
        : TransactionState.Open;

    private void RequireNotFailed()
    {
        if (_failed)
        {
            throw new SqlException(SqlStates.InFailedTransaction, "transaction aborted, ROLLBACK first");
        }
    }

    private void Begin(TransactionModes? modes, ulong sequence)
    {
        if (IsOpen)
        {
            throw new SqlException(SqlStates.ActiveTransaction, "a transaction is open already");
        }

        bool readOnly = CheckModes(modes);
        _name = NameOf(sequence);
        _readOnly = readOnly;
        _failed = false;
    }

    /// <summary>SET TRANSACTION: only before the first statement.</summary>
    private string? SetModes(TransactionModes modes)
    {
        bool readOnly = CheckModes(modes);
        if (!IsOpen)
        {
            return "SET TRANSACTION holds for an open transaction only";
        }

        if (_transaction is { HasAnswered: true })
        {
            throw new SqlException(
                SqlStates.ActiveTransaction, "SET TRANSACTION must be said before the transaction's first statement");
        }

        _readOnly = readOnly || (_readOnly && modes.Access == AccessMode.Unspecified);
        if (_transaction is not null)
        {
            _transaction.ReadOnly = _readOnly;
        }

        return null;
    }

    /// <summary>The transaction at its snapshot, which is drawn when the first statement needs it.</summary>
    private OpenTransaction Transaction() => _transaction ??= new OpenTransaction(
        _name!, _services.Snapshots.Open(_services.Stamps))
    {
        ReadOnly = _readOnly,
    };

    /// <summary>Gives the snapshot up; the next statement draws a newer one. Only before anything was handed
    /// out.</summary>
    private void Restart()
    {
        _transaction?.Dispose();
        _transaction = null;
    }

    private async Task CommitAsync(RequestScope scope)
    {
        if (_transaction is not { } transaction)
        {
            EndTransaction();
            return;
        }

        try
        {
            scope.Token.ThrowIfCancellationRequested();
            CommitOutcome outcome = await _services.Committer.CommitAsync(transaction, scope.TimeLeft);
            _commitStamp = outcome.Verdict == CommitVerdict.Committed
                ? outcome.Stamp
                : throw CommitErrors.From(outcome, _services.Catalog.Current.Catalog);
        }
        finally
        {
            // Whatever the outcome, this transaction is over.
            EndTransaction();
        }
    }

    private void EndTransaction()
    {
        _transaction?.Dispose();
        _transaction = null;
        _name = null;
        _failed = false;
        _readOnly = false;
    }

    /// <summary>The first error fails the transaction; what it held is given up at once.</summary>
    private void FailTransaction()
    {
        if (IsOpen)
        {
            _failed = true;
            _transaction?.Dispose();
            _transaction = null;
        }
    }

    private void AddParticipants(RepeatedField<uint> participants)
    {
        if (_transaction is null)
        {
            return;
        }

        foreach (ShardId shard in _transaction.Participants)
        {
            participants.Add(shard.Value);
        }
    }

    private static bool CheckModes(TransactionModes? modes)
    {
        if (modes is null)
        {
            return false;
        }

        if (modes.Isolation == TransactionIsolation.StrictSerializable)
        {
            throw new SqlException(SqlStates.FeatureNotSupported, "isolation STRICT SERIALIZABLE is not served")
            {
                Hint = "Every transaction is SERIALIZABLE.",
            };
        }

        if (modes.AsOf.Length > 0)
        {
            throw new SqlException(SqlStates.FeatureNotSupported, "AS OF is not served by this version")
            {
                Hint = "READ ONLY transactions read one snapshot of now.",
            };
        }

        return modes.Access == AccessMode.ReadOnly;
    }
}
