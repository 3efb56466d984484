using System;
using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>
/// Runs a pushed-down fragment at a shard leader: its statements in order, later ones seeing what earlier ones wrote.
/// A resumable, synchronous state machine that knows neither stamps nor transactions: the driver supplies the committed
/// versions at its snapshot with the transaction's own buffered writes laid over, and records as read what was asked.
/// Errors of the user come out of <see cref="Step"/> as <see cref="SqlException"/>; the run is over then.
/// </summary>
public sealed class FragmentRun
{
    /// <summary>Most rows processed in one step: a slice of the storage loop (architecture.md §4).</summary>
    public const int SliceRows = AccessCursor.SliceRows;

    private readonly Fragment _fragment;
    private readonly SqlValue[] _parameters;
    private readonly MemoryAccount _account;
    private readonly WriteOverlay _overlay;
    private readonly Func<byte[], Int128?>? _freeAt;
    private readonly OutputBuffer _output = new();
    private readonly List<long> _rowsAffected = [];
    private StatementExecutor? _current;
    private FragmentState _state = FragmentState.Yielded;

    private FragmentRun(Fragment fragment, SqlValue[] parameters, MemoryAccount account, Func<byte[], Int128?>? freeAt)
    {
        _freeAt = freeAt;
        _fragment = fragment;
        _parameters = parameters;
        _account = account;
        _overlay = new WriteOverlay(account);
    }

    /// <summary>How many statements the fragment has.</summary>
    public int StatementCount => _fragment.Statements.Count;

    /// <summary>The statement that runs, and whose rows <see cref="TakeOutput"/> gives.</summary>
    public int StatementIndex { get; private set; }

    /// <summary>Whether <see cref="TakeOutput"/> would give rows.</summary>
    public bool HasOutput => _output.Count > 0;

    /// <summary>After NeedKeys: the keys whose values are wanted; distinct for one statement, at most
    /// <see cref="SliceRows"/>.</summary>
    public IReadOnlyList<byte[]> NeededKeys => Require(FragmentState.NeedKeys).NeededKeys;

    /// <summary>After NeedRange: the range of which rows are wanted.</summary>
    public KeyRange NeededRange => Require(FragmentState.NeedRange).NeededRange;

    /// <summary>After NeedRange: the most rows that are of use now.</summary>
    public int NeededLimit => Require(FragmentState.NeedRange).NeededLimit;

    /// <summary>When Done: what the statements wrote, in key order, a null value deletes.</summary>
    public IReadOnlyList<RowWrite> Writes
    {
        get
        {
            Invariant.Check(_state == FragmentState.Done, "Writes are complete when the run is done.");
            return _overlay.ToList();
        }
    }

    /// <summary>Rows inserted, updated or deleted by all statements so far.</summary>
    public long RowsAffected
    {
        get
        {
            long sum = _current?.RowsAffected ?? 0;
            foreach (long rows in _rowsAffected)
            {
                sum += rows;
            }

            return sum;
        }
    }

    /// <summary>Rows affected by each statement that has ended; 0 for a scan.</summary>
    public IReadOnlyList<long> RowsAffectedByStatement => _rowsAffected;

    /// <summary>A run of a fragment.</summary>
    /// <param name="fragment">A <c>Fragment</c> of plan.proto; malformed bytes are 08P01.</param>
    /// <param name="parameters">The values of the parameters, a RowCodec row; empty: none.</param>
    /// <param name="account">Pays for everything that is buffered.</param>
    /// <param name="freeAt">What can be taken from the quota of a key now, a hint and no read; null: nobody knows.</param>
    public static FragmentRun Create(
        ReadOnlyMemory<byte> fragment,
        ReadOnlyMemory<byte> parameters,
        MemoryAccount account,
        Func<byte[], Int128?>? freeAt = null)
    {
        ArgumentNullException.ThrowIfNull(account);
        try
        {
            return new FragmentRun(
                Fragment.Parser.ParseFrom(fragment.Span), DecodeParameters(parameters.Span), account, freeAt);
        }
        catch (Exception exception) when (IsDefect(exception))
        {
            // Malformed bytes also make protobuf's parser read outside of its own arrays.
            throw new SqlException(SqlStates.ProtocolViolation, "malformed fragment: " + exception.Message);
        }
    }

    /// <summary>Goes on until it needs something, a slice is over or all is done. Output that waits must be taken
    /// before the next step goes on.</summary>
    public FragmentState Step(int maxRows)
    {
        Invariant.Check(maxRows > 0, "A step makes progress.");
        if (_state is FragmentState.NeedKeys or FragmentState.NeedRange or FragmentState.Done)
        {
            return _state;
        }

        try
        {
            _state = Run(Math.Min(maxRows, SliceRows));
        }
        catch (Exception defect) when (IsDefect(defect))
        {
            throw Defect(defect);
        }

        return _state;
    }

    /// <summary>Answers NeedKeys: a value for each key in order, null where it is absent.</summary>
    public void SupplyKeys(IReadOnlyList<byte[]?> values)
    {
        StatementExecutor executor = Require(FragmentState.NeedKeys);
        try
        {
            executor.SupplyKeys(values);
        }
        catch (Exception defect) when (IsDefect(defect))
        {
            throw Defect(defect);
        }

        _state = FragmentState.Yielded;
    }

    /// <summary>Answers NeedRange: rows in key order from the start of the range on. Not exhausted: there may be more
    /// behind the last one, and at least one was brought.</summary>
    public void SupplyRange(IReadOnlyList<KeyValuePair<byte[], byte[]>> rows, bool exhausted)
    {
        StatementExecutor executor = Require(FragmentState.NeedRange);
        try
        {
            executor.SupplyRange(rows, exhausted);
        }
        catch (Exception defect) when (IsDefect(defect))
        {
            throw Defect(defect);
        }

        _state = FragmentState.Yielded;
    }

    /// <summary>Moves the rows that are ready to a writer, one after another in RowCodec; gives their number.</summary>
    public int TakeOutput(ByteWriter output) => _output.Take(output);

    // A fragment is what a client asks for, and running it changes nothing but the run itself: what goes wrong in it
    // ends the statement, and never the node that was asked.
    private static bool IsDefect(Exception exception) => exception is not (SqlException or OutOfMemoryException);

    private static SqlException Defect(Exception defect) => new(
        SqlStates.InternalError, $"internal error in a fragment: {defect.GetType().Name}: {defect.Message}");

    private static SqlValue[] DecodeParameters(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return [];
        }

        var reader = new ByteReader(bytes);
        SqlValue[] values = RowCodec.Read(ref reader);
        return reader.EndedWell
            ? values
            : throw new SqlException(SqlStates.ProtocolViolation, "malformed parameters");
    }

    private FragmentState Run(int maxRows)
    {
        while (true)
        {
            // Rows of two statements never share a batch.
            if (_output.IsFull || (_current is null && _output.Count > 0))
            {
                return FragmentState.Yielded;
            }

            if (_current is null)
            {
                if (_rowsAffected.Count == _fragment.Statements.Count)
                {
                    return FragmentState.Done;
                }

                StatementIndex = _rowsAffected.Count;
                _current = CreateExecutor(_fragment.Statements[StatementIndex]);
            }

            FragmentState state = _current.Step(maxRows);
            if (state != FragmentState.Done)
            {
                return state;
            }

            _rowsAffected.Add(_current.RowsAffected);
            _current = null;
            if (_rowsAffected.Count == _fragment.Statements.Count)
            {
                return FragmentState.Done;
            }
        }
    }

    private StatementExecutor CreateExecutor(FragmentStatement statement)
    {
        SqlValue[] parameters =
            statement.Parameters.IsEmpty ? _parameters : DecodeParameters(statement.Parameters.Span);
        var context = new ExecutionContext(parameters, _account, _overlay, _output, _freeAt);
        return statement.PlanCase switch
        {
            FragmentStatement.PlanOneofCase.Scan => new ScanExecutor(statement.Scan, context),
            FragmentStatement.PlanOneofCase.Relation => new RelationExecutor(statement.Relation, context),
            FragmentStatement.PlanOneofCase.Insert => new InsertExecutor(statement.Insert, context),
            FragmentStatement.PlanOneofCase.Update => new UpdateExecutor(statement.Update, context),
            FragmentStatement.PlanOneofCase.Delete => new DeleteExecutor(statement.Delete, context),
            FragmentStatement.PlanOneofCase.Quotas => new QuotaExecutor(statement.Quotas, context),
            _ => throw new SqlException(SqlStates.ProtocolViolation, "a fragment holds a statement of an unknown kind"),
        };
    }

    private StatementExecutor Require(FragmentState state)
    {
        Invariant.Check(_state == state && _current is not null, "What is supplied was asked for.");
        return _current!;
    }
}
