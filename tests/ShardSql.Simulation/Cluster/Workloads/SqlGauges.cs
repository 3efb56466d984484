using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Simulation.Cluster.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>
/// Gauges that show the reading with the greatest time (sharding.md §4, policy timestamp), whenever it comes. All readings are
/// rows of an ordinary table as well, written in the same transactions: so whoever reads both knows what a gauge must show.
/// Gauges are merged, corrected, and taken away and put up again meanwhile.
/// </summary>
internal sealed class SqlGauges : IWorkload
{
    private const int Gauges = 2;
    private const int TimeMax = 1_000;

    private const string Show = "UPDATE gauges SET at = @at, level = @level WHERE id = @id";
    private const string Note = "INSERT INTO readings VALUES (@id, @at, @level)";

    private readonly List<string> _wrong = [];
    private long _levels;
    private bool _isFilled;
    private int _seen;

    public IEnumerable<KeyValuePair<RowId, string>> InitialRows() => [];

    public ClientProgram Next(Prng prng)
    {
        int id = prng.Next(Gauges);
        var reading = new Reading(id, prng.Next(TimeMax), ++_levels);
        return !_isFilled ? new Fill(this) : prng.Next(12) switch
        {
            0 or 1 or 2 => new See(this, id),
            3 or 4 => new SqlMerge("gauges", "level", id, takesNoRange: prng.Chance(500_000)),
            5 => new Correct(reading),
            6 => new PutUp(reading),
            7 => new TakeTwice(reading, ++_levels),
            _ => new Take(reading),
        };
    }

    public IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached)
    {
        reached.Add("SQL: gauges seen", _seen);
        return _wrong;
    }

    private static (string Name, SqlValue Value) Id(int id) => ("id", SqlValue.FromInt32(id));

    /// <param name="Gauge">Where it is taken.</param>
    /// <param name="At">Its time.</param>
    /// <param name="Level">Never the same twice.</param>
    private readonly record struct Reading(int Gauge, long At, long Level)
    {
        public (string, SqlValue)[] Parameters => [Id(Gauge), ("at", SqlValue.FromInt64(At)), ("level", SqlValue.FromInt64(Level))];

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Level} at {At}");
    }

    private sealed class Fill(SqlGauges gauges) : SqlProgram("SQL gauges filled")
    {
        public override async Task RunAsync(SqlTransaction transaction)
        {
            long there = await transaction.NumberAsync("SELECT count(*) FROM gauges");
            for (int id = 0; id < Gauges && there == 0; id++)
            {
                await transaction.RunAsync("INSERT INTO gauges VALUES (@id, 0, 0)", Id(id));
                await transaction.RunAsync("INSERT INTO readings VALUES (@id, 0, 0)", Id(id));
            }
        }

        public override void Ended(ProgramEnd end, TransactionContext context) => gauges._isFilled |= end.IsOk;
    }

    /// <summary>Without a look, and often late.</summary>
    private sealed class Take(Reading reading) : SqlProgram("SQL gauges set")
    {
        public override async Task RunAsync(SqlTransaction transaction)
        {
            if (await transaction.ChangeAsync(Show, reading.Parameters) == 1)
            {
                await transaction.RunAsync(Note, reading.Parameters);
            }
        }
    }

    /// <summary>Of two readings of one time the second holds.</summary>
    private sealed class TakeTwice(Reading reading, long level) : SqlProgram("SQL gauges set twice")
    {
        public override async Task RunAsync(SqlTransaction transaction)
        {
            Reading second = reading with { Level = level };
            await transaction.RunAsync(Show, reading.Parameters);
            if (await transaction.ChangeAsync(Show, second.Parameters) == 1)
            {
                await transaction.RunAsync(Note, second.Parameters);
            }
        }
    }

    /// <summary>Not as a delta: it sets what it says, and no other reading is left.</summary>
    private sealed class Correct(Reading reading) : SqlProgram("SQL gauges corrected")
    {
        public override async Task RunAsync(SqlTransaction transaction)
        {
            if (await transaction.ChangeAsync(Show + " AND level = level", reading.Parameters) == 1)
            {
                await transaction.RunAsync("DELETE FROM readings WHERE gauge = @id", Id(reading.Gauge));
                await transaction.RunAsync(Note, reading.Parameters);
            }
        }
    }

    private sealed class PutUp(Reading reading) : SqlProgram("SQL gauges put up")
    {
        public override async Task RunAsync(SqlTransaction transaction)
        {
            await transaction.RunAsync("DELETE FROM gauges WHERE id = @id", Id(reading.Gauge));
            await transaction.RunAsync("DELETE FROM readings WHERE gauge = @id", Id(reading.Gauge));
            await transaction.RunAsync("INSERT INTO gauges VALUES (@id, @at, @level)", reading.Parameters);
            await transaction.RunAsync(Note, reading.Parameters);
        }
    }

    private sealed class See(SqlGauges gauges, int id) : SqlProgram("SQL gauges seen")
    {
        private Reading _shown;
        private Reading[] _taken = [];

        public override async Task RunAsync(SqlTransaction transaction)
        {
            SqlValue[] shown = await transaction.RowAsync("SELECT at, level FROM gauges WHERE id = @id", Id(id));
            _shown = new Reading(id, shown[0].AsInt64(), shown[1].AsInt64());
            _taken =
            [
                .. (await transaction.RunAsync("SELECT at, level FROM readings WHERE gauge = @id", Id(id)))
                    .Select(row => new Reading(id, row[0].AsInt64(), row[1].AsInt64())),
            ];
        }

        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            if (!end.IsOk)
            {
                return;
            }

            gauges._seen++;
            if (!_taken.Contains(_shown) || _shown.At < _taken.Max(static reading => reading.At))
            {
                gauges._wrong.Add($"gauges: {_shown} is shown, readings are {string.Join(", ", _taken)}");
            }
        }
    }
}
