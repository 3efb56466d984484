using System.Collections.Generic;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Simulation.Cluster.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>Units that are handed between accounts of wards, while the table gets indexes and other placements: their sum
/// stays, and a ward has what its accounts have, by whatever index that is read.</summary>
internal sealed class SqlLedger : IWorkload
{
    private const int Accounts = 48;
    private const int Wards = 4;
    private const int UnitsOfEach = 100;

    private readonly List<string> _wrong = [];
    private bool _isFilled;
    private int _seen;

    public IEnumerable<KeyValuePair<RowId, string>> InitialRows() => [];

    public ClientProgram Next(Prng prng) => !_isFilled ? new Fill(this) : prng.Next(4) switch
    {
        0 => new Look(this, prng.Next(Wards)),
        1 => new Relocate(prng.Next(Accounts), prng.Next(Wards)),
        _ => new Transfer(prng.Next(Accounts), prng.Next(Accounts), prng.Next(1, 5)),
    };

    public IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached)
    {
        reached.Add("SQL: ledgers seen", _seen);
        return _wrong;
    }

    private sealed class Fill(SqlLedger ledger) : SqlProgram("SQL ledger filled")
    {
        public override async Task RunAsync(SqlTransaction transaction)
        {
            for (int id = 0; id < Accounts; id++)
            {
                await transaction.RunAsync(
                    "INSERT INTO ledger VALUES (@id, @ward, @units) ON CONFLICT (id) DO NOTHING",
                    ("id", SqlValue.FromInt32(id)),
                    ("ward", SqlValue.FromInt32(id % Wards)),
                    ("units", SqlValue.FromInt32(UnitsOfEach)));
            }
        }

        public override void Ended(ProgramEnd end, TransactionContext context) => ledger._isFilled |= end.IsOk;
    }

    private sealed class Transfer(int from, int to, int units) : SqlProgram("SQL transfer")
    {
        public override async Task RunAsync(SqlTransaction transaction)
        {
            await AddAsync(transaction, from, -units);
            await AddAsync(transaction, to, units);
        }

        private static Task AddAsync(SqlTransaction transaction, int id, int units) => transaction.RunAsync(
            "UPDATE ledger SET units = units + @units WHERE id = @id",
            ("id", SqlValue.FromInt32(id)),
            ("units", SqlValue.FromInt32(units)));
    }

    private sealed class Relocate(int id, int ward) : SqlProgram("SQL other ward")
    {
        public override Task RunAsync(SqlTransaction transaction) => transaction.RunAsync(
            "UPDATE ledger SET ward = @ward WHERE id = @id", ("id", SqlValue.FromInt32(id)), ("ward", SqlValue.FromInt32(ward)));
    }

    private sealed class Look(SqlLedger ledger, int ward) : SqlProgram("SQL ledger")
    {
        private long _sum;
        private long _ofWard;
        private long _byRows;

        public override async Task RunAsync(SqlTransaction transaction)
        {
            (string, SqlValue) parameter = ("ward", SqlValue.FromInt32(ward));
            _sum = await transaction.NumberAsync("SELECT coalesce(sum(units), 0) FROM ledger");
            _ofWard = await transaction.NumberAsync("SELECT coalesce(sum(units), 0) FROM ledger WHERE ward = @ward", parameter);
            _byRows = await transaction.NumberAsync(
                "SELECT coalesce(sum(CASE WHEN ward = @ward THEN units ELSE 0 END), 0) FROM ledger", parameter);
        }

        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            if (!end.IsOk)
            {
                return;
            }

            ledger._seen++;
            if (_sum is not (0 or Accounts * UnitsOfEach) || _ofWard != _byRows)
            {
                ledger._wrong.Add($"ledger: {_sum} units in all, of a ward {_ofWard} by its index, {_byRows} by its rows");
            }
        }
    }
}
