using System.Collections.Generic;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Simulation.Cluster.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>A ward takes bookings up to its capacity: the sum over rows of all shards is looked at, then a row is
/// inserted, made larger, or deleted. No reader ever sees more than the capacity.</summary>
internal sealed class SqlBookings : IWorkload
{
    private const int Wards = 3;
    private const int Capacity = 10;
    private const int UnitsMax = 4;

    private readonly List<string> _wrong = [];
    private int _begun;
    private int _seen;

    public IEnumerable<KeyValuePair<RowId, string>> InitialRows() => [];

    public ClientProgram Next(Prng prng) => prng.Next(5) switch
    {
        0 => new LookAtAll(this),
        1 => new Free(prng.Next(Wards)),
        2 => new Grow(prng.Next(Wards)),
        _ => new Book(this, prng.Next(Wards), ++_begun, prng.Next(1, UnitsMax)),
    };

    public IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached)
    {
        reached.Add("SQL: bookings seen", _seen);
        return _wrong;
    }

    private static (string Name, SqlValue Value) Number(string name, int value) => (name, SqlValue.FromInt32(value));

    private sealed class Book(SqlBookings bookings, int ward, int id, int units) : SqlProgram("SQL book")
    {
        private long _taken;
        private long _after;

        public override async Task RunAsync(SqlTransaction transaction)
        {
            const string look = "SELECT coalesce(sum(units), 0) FROM bookings WHERE ward = @ward";
            _taken = _after = await transaction.NumberAsync(look, Number("ward", ward));
            if (_taken + units <= Capacity)
            {
                await transaction.RunAsync(
                    "INSERT INTO bookings VALUES (@ward, @id, @units)",
                    Number("ward", ward), Number("id", id), Number("units", units));
                _after = await transaction.NumberAsync(look, Number("ward", ward)) - units;
            }
        }

        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            if (end.IsOk && _after != _taken)
            {
                bookings._wrong.Add($"bookings in SQL: {_taken} were taken, and {_after} beside the own ones");
            }
        }
    }

    private sealed class Grow(int ward) : SqlProgram("SQL grow")
    {
        public override async Task RunAsync(SqlTransaction transaction) => await transaction.RunAsync(
            "UPDATE bookings SET units = units + 1 WHERE ward = @ward "
                + "AND id = (SELECT min(id) FROM bookings WHERE ward = @ward) "
                + "AND (SELECT sum(units) FROM bookings WHERE ward = @ward) < 10",
            Number("ward", ward));
    }

    private sealed class Free(int ward) : SqlProgram("SQL free")
    {
        public override async Task RunAsync(SqlTransaction transaction) => await transaction.RunAsync(
            "DELETE FROM bookings WHERE ward = @ward AND units >= 2", Number("ward", ward));
    }

    private sealed class LookAtAll(SqlBookings bookings) : SqlProgram("SQL look")
    {
        private List<SqlValue[]> _wards = [];

        public override async Task RunAsync(SqlTransaction transaction) => _wards = await transaction.RunAsync(
            "SELECT ward, sum(units) FROM bookings GROUP BY ward ORDER BY ward");

        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            if (!end.IsOk)
            {
                return;
            }

            foreach (SqlValue[] ward in _wards)
            {
                bookings._seen++;
                if (ward[1].AsInt64() > Capacity)
                {
                    bookings._wrong.Add($"bookings in SQL: ward {ward[0].ToText()} was seen with {ward[1].ToText()} units");
                }
            }
        }
    }
}
