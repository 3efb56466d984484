using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Execution;
using ShardSql.Gateway.Statements;
using ShardSql.Planning;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using ShardSql.Storage.Nodes;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Cluster.Sql;

/// <summary>
/// The tables that the simulator's programs in SQL use, and their statements as the gateway plans them. The catalog does
/// not change during a run; the shards know its guards from the first transaction on.
/// </summary>
internal sealed class SqlDatabase
{
    private static readonly string[] s_tables =
    [
        "CREATE TABLE seats (id int PRIMARY KEY, number int NOT NULL)",
        "CREATE TABLE places (id int PRIMARY KEY, number int NOT NULL) SHARD BY RANGE (id) SPLIT AT VALUES (100), (300)",
        "CREATE TABLE bookings (ward int, id int, units int NOT NULL, PRIMARY KEY (ward, id)) SHARD BY HASH (id)",
        "CREATE TABLE names (id int PRIMARY KEY, name text UNIQUE, kind int NOT NULL)",
        "CREATE TABLE owners (id int PRIMARY KEY)",
        "CREATE TABLE dogs (id int PRIMARY KEY, owner int NOT NULL REFERENCES owners)",
        "CREATE TABLE cats (id int PRIMARY KEY, owner int NOT NULL REFERENCES owners ON DELETE CASCADE)",
        "CREATE TABLE purses (id int PRIMARY KEY, coins bigint NOT NULL, looks int NOT NULL) SHARD BY HASH (id)",
        "ALTER TABLE purses ENABLE SPILLOVER ON (coins)",
        "CREATE TABLE safes (id int PRIMARY KEY, coins bigint NOT NULL CHECK (coins >= 0), looks int NOT NULL) SHARD BY HASH (id)",
        "ALTER TABLE safes ENABLE SPILLOVER ON (coins) FOR KEYS ((0), (1)) WITH (policy = 'bounded_sum', slots = 2)",
        "CREATE TABLE slates (id int PRIMARY KEY, number bigint NOT NULL, last bigint NOT NULL) SHARD BY HASH (id)",
        "ALTER TABLE slates ENABLE SPILLOVER ON (last) WITH (policy = 'last_write')",
        "CREATE TABLE scrolls (id int PRIMARY KEY, words text NOT NULL) SHARD BY HASH (id)",
        "ALTER TABLE scrolls ENABLE SPILLOVER ON (words) WITH (policy = 'append')",
        "CREATE TABLE gauges (id int PRIMARY KEY, at bigint NOT NULL, level bigint NOT NULL) SHARD BY HASH (id)",
        "ALTER TABLE gauges ENABLE SPILLOVER ON (level) WITH (policy = 'timestamp', by = 'at')",
        "CREATE TABLE readings (gauge int, at bigint NOT NULL, level bigint, PRIMARY KEY (gauge, level)) SHARD BY HASH (gauge)",
    ];

    private static readonly string[] s_tablesThatMove =
    [
        "CREATE TABLE tags (id int PRIMARY KEY, kind int NOT NULL, UNIQUE (kind, id))",
    ];

    private static readonly string[] s_tablesOfJobs =
    [
        "CREATE TABLE ledger (id int PRIMARY KEY, ward int NOT NULL, units int NOT NULL) SHARD BY HASH (id)",
    ];

    private readonly SortedDictionary<byte[], byte[]?> _systemRows = new(ByteKeyComparer.Instance);
    private readonly Dictionary<string, Statement> _parsed = [];
    private readonly Prng _ids;
    private ulong _deltas;
    private readonly SystemState _state;

    public SqlDatabase(ClusterLayout layout, Prng ids, bool moves, bool hasJobs)
    {
        _ids = ids;
        HasSystem = moves;
        _state = SystemState.Initial(
            layout.Shards.Select(placement => placement.Shard).Where(shard => shard != ShardId.System));
        var guards = new List<(ShardId, Guard)>();
        foreach (string table in (IEnumerable<string>)[.. s_tables, .. moves ? s_tablesThatMove : [], .. hasJobs ? s_tablesOfJobs : []])
        {
            DdlChange change = Planner.Plan(Parse(table), Context(_state, 0, [])).Ddl!;
            guards.AddRange(change.Shards.SelectMany(shard => PlanGuards.Of(change, shard).Select(guard => (shard, guard))));
            _state = change.After;
            foreach ((byte[] key, byte[]? value) in change.SystemWrites)
            {
                _systemRows[key] = value;
            }
        }

        Guards = guards;
    }

    /// <summary>What each shard must know of tables and segments.</summary>
    public IReadOnlyList<(ShardId Shard, Guard Guard)> Guards { get; }

    /// <summary>Catalog and map as they begin.</summary>
    public SystemState State => _state;

    /// <summary>Whether there is a system shard that holds catalog and map.</summary>
    public bool HasSystem { get; }

    /// <summary>Catalog and map as rows of the system shard.</summary>
    public IEnumerable<KeyWrite> SystemRows =>
        _systemRows.Select(row => Gateway.Catalogs.SystemRows.Write(row.Key, row.Value));

    /// <summary>Whether a key belongs to a table in SQL.</summary>
    public static bool IsSql(byte[] key) => BinaryPrimitives.ReadUInt32BigEndian(key) >= Catalog.FirstTableId;

    /// <summary>The first rows that are there and should not be, or should be and are not; empty: none.</summary>
    public static string Difference(
        IEnumerable<KeyValuePair<byte[], byte[]>> found, IEnumerable<KeyValuePair<byte[], byte[]>> expected)
    {
        const int shown = 3;
        SortedSet<string> left = [.. found.Select(Text)];
        SortedSet<string> right = [.. expected.Select(Text)];
        IEnumerable<string> extra = left.Except(right).Take(shown).Select(row => "+ " + row);
        IEnumerable<string> missing = right.Except(left).Take(shown).Select(row => "- " + row);
        return string.Join(", ", extra.Concat(missing));

        // As it is stored, no row shows when it was committed.
        static string Text(KeyValuePair<byte[], byte[]> row) =>
            Convert.ToHexString(row.Key) + " = " + Convert.ToHexString(RowStamp.Shown(row.Value, HlcTimestamp.Infinity));
    }

    /// <summary>A statement with its parameters as the gateway would run it.</summary>
    public StatementPlan Plan(
        string sql, SystemState? state, long nowUs, params (string Name, SqlValue Value)[] parameters) =>
        Planner.Plan(Parse(sql), Context(state ?? _state, nowUs, parameters));

    /// <summary>A statement; parsed once.</summary>
    public Statement Parse(string sql)
    {
        if (!_parsed.TryGetValue(sql, out Statement? statement))
        {
            _parsed[sql] = statement = SqlParser.Parse(sql).Statements.Single();
        }

        return statement;
    }

    /// <summary>Sixteen bytes, never the same twice.</summary>
    public byte[] NextId()
    {
        byte[] id = new byte[TableDescriptor.HiddenKeyLength];
        BinaryPrimitives.WriteUInt64BigEndian(id, _ids.NextUInt64());
        BinaryPrimitives.WriteUInt64BigEndian(id.AsSpan(sizeof(ulong)), _ids.NextUInt64());
        return id;
    }

    private PlanningContext Context(
        SystemState state, long nowUs, IEnumerable<(string Name, SqlValue Value)> parameters) => new()
        {
            State = state,
            Parameters = [.. parameters.Select(named => KeyValuePair.Create(named.Name, named.Value))],
            NowMicroseconds = nowUs,
            NextId = NextId,
            NextDelta = () => ++_deltas,
        };
}
