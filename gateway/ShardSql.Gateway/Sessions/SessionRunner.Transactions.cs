using System;
using System.Threading.Tasks;

using Google.Protobuf.Collections;

using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Observing;
using ShardSql.Gateway.Stamps;
using ShardSql.Planning.Catalogs;
using ShardSql.Primitives;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;

namespace ShardSql.Gateway.Sessions;

/// <summary>The session's explicit transaction: none, open, or failed until ROLLBACK.</summary>
internal sealed partial class SessionRunner
{
    private TransactionName? _name;
    private OpenTransaction? _transaction;
    private readonly Savepoints _savepoints = new();
    private HlcTimestamp? _asOf;
    private string? _type;
    private string? _requestType;
    private bool _readOnly;
    private bool _failed;

    /// <summary>Whether BEGIN has been said and neither COMMIT nor ROLLBACK.</summary>
    private bool IsOpen => _name is not null;

    /// <summary>Whether it is open and has done nothing yet.</summary>
    private bool IsUnused => IsOpen && !_failed && _transaction is null && _asOf is null;

    /// <summary>What kind of transaction is open, or the request begins; null: nothing was said.</summary>
    private string? TransactionType => IsOpen ? _type : _requestType;

    private TransactionState State => !IsOpen ? TransactionState.Idle
        : _failed ? TransactionState.Failed
        : TransactionState.Open;

    private void RequireNotFailed()
    {
        if (_failed)
        {
            throw new SqlException(SqlStates.InFailedTransaction, "transaction aborted, ROLLBACK first")
            {
                Hint = _savepoints.Count > 0 ? "ROLLBACK TO SAVEPOINT goes on from a savepoint." : null,
            };
        }
    }

    private void Begin(TransactionModes? modes, ulong sequence)
    {
        if (IsOpen)
        {
            throw new SqlException(SqlStates.ActiveTransaction, "a transaction is open already");
        }

        (bool readOnly, _asOf) = CheckModes(modes);
        _type = TypeOf(modes?.Type) ?? _requestType;
        _name = NameOf(sequence);
        _readOnly = readOnly;
        _failed = false;
    }

    private void RequireOpen(string what)
    {
        if (!IsOpen)
        {
            throw new SqlException(SqlStates.NoActiveTransaction, $"{what} can only be used in a transaction");
        }
    }

    private void SetSavepoint(string name)
    {
        RequireOpen("SAVEPOINT");
        _savepoints.Set(name, Transaction().Mark());
    }

    private void ReleaseSavepoint(string name)
    {
        RequireOpen("RELEASE SAVEPOINT");
        _savepoints.Release(name);
    }

    /// <summary>What was written since is taken back; a transaction that has failed since goes on.</summary>
    private void RollBackTo(string name)
    {
        RequireOpen("ROLLBACK TO SAVEPOINT");
        TransactionMark mark = _savepoints.BackTo(name);
        _transaction?.TakeBack(mark);
        _failed = false;
    }

    /// <summary>SET TRANSACTION: only before the first statement; what kind it is also between statements, for those that
    /// follow. False: no transaction is open.</summary>
    private bool SetModes(TransactionModes modes)
    {
        (bool readOnly, HlcTimestamp? asOf) = CheckModes(modes);
        if (!IsOpen)
        {
            return false;
        }

        bool isOnlyType = modes.Type.Length > 0 && modes.Equals(new TransactionModes { Type = modes.Type });
        if (_transaction is { HasAnswered: true } && !isOnlyType)
        {
            throw new SqlException(
                SqlStates.ActiveTransaction, "SET TRANSACTION must be said before the transaction's first statement");
        }

        if (asOf is not null)
        {
            _asOf = asOf;
            Restart();
        }

        _readOnly = readOnly || (_readOnly && modes.Access == AccessMode.Unspecified);
        if (_transaction is not null)
        {
            _transaction.ReadOnly = _readOnly;
        }

        _type = TypeOf(modes.Type) ?? _type;
        _seenTransaction = _seenTransaction is { } seen ? seen with { Type = _type } : null;
        return true;
    }

    /// <summary>The transaction at its snapshot, which is drawn when the first statement needs it.</summary>
    /// <param name="mapVersion">A version that the map had before the statement was planned: it may place what it reads
    /// and writes by that one still.</param>
    private OpenTransaction Transaction(ulong mapVersion = ulong.MaxValue)
    {
        SystemState state = _services.Catalog.Current;
        if (_transaction?.Schema is { } own)
        {
            // It conflicts with whoever changed the catalog: better said now than at its end.
            if (own.Before.Catalog.Header.IsBefore(state.Catalog.Header))
            {
                throw CommitErrors.CatalogChanged();
            }
        }
        else if (_transaction is { } open && open.MapVersion != state.Map.Version)
        {
            open.Follow(state);
        }

        if (_transaction is null)
        {
            _transaction = new OpenTransaction(
                _name!,
                _asOf is { } then ? _services.Snapshots.OpenAt(then) : _services.Snapshots.Open(_services.Stamps))
            {
                ReadOnly = _readOnly,
                IsPinned = _asOf is not null,
                MapVersion = state.Map.Version,
                Numbers = _numbers,
            };
            _seenTransaction = new SeenTransaction(
                _name!.ToString(), _type, _readOnly, _services.Time.GetUtcNow(), _transaction.Begin);
            if (_savepoints.Count > 0)
            {
                // Those of before it was begun again: nothing had been written then.
                _ = _transaction.Mark();
            }
        }

        _transaction.MapVersion = Math.Min(_transaction.MapVersion, mapVersion);
        return _transaction;
    }

    /// <summary>Gives the snapshot up; the next statement draws a newer one. Only before anything was handed
    /// out.</summary>
    private void Restart()
    {
        _seenTransaction = null;
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
            if (outcome.Verdict == CommitVerdict.Committed)
            {
                _services.Schema.Publish(transaction);
            }

            _services.Conflicts.Committed(outcome, transaction.LastWrite);
            _services.Graph.Ended(outcome, transaction, []);
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
        Restart();
        _name = null;
        _type = null;
        _asOf = null;
        _savepoints.Clear();
        _failed = false;
        _readOnly = false;
    }

    /// <summary>The first error fails the transaction; what it held is given up at once, unless a savepoint may need it.
    /// </summary>
    private void FailTransaction()
    {
        if (IsOpen)
        {
            _failed = true;
            if (_savepoints.Count == 0)
            {
                Restart();
            }
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

    private static string? TypeOf(string? said)
    {
        if (string.IsNullOrEmpty(said))
        {
            return null;
        }

        TransactionTypes.Require(said);
        return said;
    }

    private (bool ReadOnly, HlcTimestamp? AsOf) CheckModes(TransactionModes? modes)
    {
        if (modes is null)
        {
            return (false, null);
        }

        if (modes.Isolation == TransactionIsolation.StrictSerializable)
        {
            throw new SqlException(SqlStates.FeatureNotSupported, "isolation STRICT SERIALIZABLE is not served")
            {
                Hint = "Every transaction is SERIALIZABLE.",
            };
        }

        if (modes.AsOf.Length == 0)
        {
            return (modes.Access == AccessMode.ReadOnly, null);
        }

        return modes.Access == AccessMode.ReadWrite
            ? throw new SqlException(SqlStates.ReadOnlyTransaction, "a transaction AS OF an earlier time only reads")
            : (true, PastTime.SnapshotAt(modes.AsOf, _services.Stamps.NowMs));
    }
}
