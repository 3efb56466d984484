using System.Collections.Generic;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Simulation.Cluster.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>Rows with an index beside them, whose entries move with their rows: what is counted by the index is what is
/// counted by the rows.</summary>
internal sealed class SqlTags : IWorkload
{
    private const int Ids = 40;
    private const int Kinds = 3;

    private readonly List<string> _wrong = [];
    private int _counted;

    public IEnumerable<KeyValuePair<RowId, string>> InitialRows() => [];

    public ClientProgram Next(Prng prng) => prng.Next(4) switch
    {
        0 => new Count(this, prng.Next(Kinds)),
        1 => new Change("DELETE FROM tags WHERE id = @id", prng.Next(Ids), 0),
        2 => new Change("UPDATE tags SET kind = @kind WHERE id = @id", prng.Next(Ids), prng.Next(Kinds)),
        _ => new Change(
            "INSERT INTO tags VALUES (@id, @kind) ON CONFLICT (id) DO UPDATE SET kind = excluded.kind",
            prng.Next(Ids),
            prng.Next(Kinds)),
    };

    public IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached)
    {
        reached.Add("SQL: tags counted", _counted);
        return _wrong;
    }

    private sealed class Change(string statement, int id, int kind) : SqlProgram("SQL tag")
    {
        public override async Task RunAsync(SqlTransaction transaction) => await transaction.RunAsync(
            statement, ("id", SqlValue.FromInt32(id)), ("kind", SqlValue.FromInt32(kind)));
    }

    private sealed class Count(SqlTags tags, int kind) : SqlProgram("SQL count tags")
    {
        private long _byIndex;
        private long _byRows;

        public override async Task RunAsync(SqlTransaction transaction)
        {
            (string, SqlValue) parameter = ("kind", SqlValue.FromInt32(kind));
            _byIndex = await transaction.NumberAsync("SELECT count(*) FROM tags WHERE kind = @kind", parameter);
            _byRows = await transaction.NumberAsync(
                "SELECT coalesce(sum(CASE WHEN kind = @kind THEN 1 ELSE 0 END), 0) FROM tags", parameter);
        }

        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            if (!end.IsOk)
            {
                return;
            }

            tags._counted++;
            if (_byIndex != _byRows)
            {
                tags._wrong.Add($"tags: {_byIndex} by their index, {_byRows} by their rows");
            }
        }
    }
}
