using System;
using System.Collections.Generic;
using System.Linq;
using Google.Protobuf;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Writes;

/// <summary>
/// The entries of a table's GLOBAL indexes that one statement changes: rows of the hidden tables, written in the same
/// transaction as the rows that they are of. A key that takes a value is read and must be free, so that validation sees
/// two who take it at once.
/// </summary>
internal sealed class GlobalEntries
{
    private readonly TableDescriptor _table;
    private readonly PlanningContext _context;
    private readonly List<IndexEntries> _indexes = [];

    public GlobalEntries(TableDescriptor table, PlanningContext context)
    {
        _table = table;
        _context = context;
        foreach (IndexDescriptor index in table.Indexes)
        {
            if (index.IsGlobal)
            {
                _indexes.Add(new IndexEntries(index, context.Catalog.Find(index.EntriesTableId)!, context));
            }
        }
    }

    /// <summary>Whether a table has such indexes.</summary>
    public static bool AreIn(TableDescriptor table) => table.Indexes.Any(static i => i.IsGlobal);

    /// <summary>The shards that hold them.</summary>
    public static List<ShardId> ShardsOf(TableDescriptor table, PlanningContext context) => Ddl.DdlChanges.ShardsOf(
        context.Map,
        [.. table.Indexes.Where(static i => i.IsGlobal).Select(i => context.Catalog.Find(i.EntriesTableId)!)]);

    /// <summary>Whether a change of one of these columns changes such entries.</summary>
    public static bool Depend(TableDescriptor table, IEnumerable<int> columns) =>
        columns.Any(c => table.Indexes.Any(i => i.IsGlobal && i.Holds(c)));

    /// <summary>A row takes the place of another, at the same suffix; null: of none, or none does.</summary>
    public void Write(byte[] suffix, SqlValue[]? old, SqlValue[]? row)
    {
        foreach (IndexEntries index in _indexes)
        {
            index.Write(suffix, old, row, _table.Name);
        }
    }

    /// <summary>The tasks that write them.</summary>
    public IReadOnlyList<ShardTask> ToTasks()
    {
        IReadOnlyList<ShardTask> tasks = [];
        foreach (IndexEntries index in _indexes)
        {
            tasks = TaskMerger.Merge(tasks, index.ToTasks(_context));
        }

        return tasks;
    }

    private sealed class IndexEntries(IndexDescriptor index, TableDescriptor entries, PlanningContext context)
    {
        private readonly IndexShape _shape = TableShapes.Of(index);
        private readonly Router _router = new(entries, context.Map);
        private readonly SortedDictionary<byte[], SqlValue[]> _removed = new(ByteKeyComparer.Instance);
        private readonly SortedDictionary<byte[], (SqlValue[] Entry, bool IsExclusive)> _added =
            new(ByteKeyComparer.Instance);

        public void Write(byte[] suffix, SqlValue[]? old, SqlValue[]? row, string table)
        {
            SqlValue[]? oldEntry = old is null ? null : IndexEntry.Columns(_shape.Stored, old, suffix);
            SqlValue[]? newEntry = row is null || _shape.OnlyRemoves
                ? null
                : IndexEntry.Columns(_shape.Stored, row, suffix);
            if (oldEntry is not null && newEntry is not null
                && RowCodec.ToBytes(oldEntry).AsSpan().SequenceEqual(RowCodec.ToBytes(newEntry)))
            {
                return;
            }

            if (oldEntry is not null)
            {
                _removed[KeyOf(oldEntry, IndexEntry.IsExclusive(index.IsUnique, _shape.Columns, old!))] = oldEntry;
            }

            if (newEntry is null)
            {
                return;
            }

            bool exclusive = IndexEntry.IsExclusive(index.IsUnique, _shape.Columns, row!);
            byte[] key = KeyOf(newEntry, exclusive);
            ConstraintErrors.CheckKeyLength(key.Length + RowKeyLayout.RowPrefixLength, table);
            if (!_added.TryAdd(key, (newEntry, exclusive)))
            {
                throw ConstraintErrors.Duplicate(
                    table,
                    index.Name,
                    [.. entries.Columns.Take(index.Columns.Count).Select(static column => column.Name)],
                    newEntry[..index.Columns.Count]);
            }
        }

        public List<ShardTask> ToTasks(PlanningContext planning)
        {
            var shards = new SortedDictionary<ShardId, ShardRows>();
            foreach ((byte[] suffix, SqlValue[] entry) in _removed)
            {
                if (!_added.ContainsKey(suffix))
                {
                    Rows(shards, suffix, entry).Delete(_router.Keys.RowKey(suffix));
                }
            }

            foreach ((byte[] suffix, (SqlValue[] entry, _)) in _added)
            {
                ShardRows rows = Rows(shards, suffix, entry);
                if (_removed.ContainsKey(suffix))
                {
                    rows.Overwrite(_router.Keys.RowKey(suffix), RowCodec.ToBytes(entry));
                }
                else
                {
                    rows.Insert(_router.Keys.RowKey(suffix), RowCodec.ToBytes(entry));
                }
            }

            var tasks = new List<ShardTask>(shards.Count);
            foreach (ShardAccess access in _router.Shards)
            {
                tasks.Add(new ShardTask
                {
                    Shard = access.Shard,
                    Fragment = shards[access.Shard]
                        .ToFragment(planning.Catalog.ShapeOf(entries), new InsertPlan()).ToByteArray(),
                    Parameters = default,
                    Tables = [new TableGuard(entries.Id, entries.Version)],
                    Segments = FragmentBuilder.Guards(access),
                });
            }

            return tasks;
        }

        private byte[] KeyOf(SqlValue[] entry, bool exclusive) => exclusive || !index.IsUnique
            ? _router.Keys.SuffixOf(entry)
            : _router.Keys.Suffix([.. entry.AsSpan(0, index.Columns.Count), entry[^1]]);

        private ShardRows Rows(SortedDictionary<ShardId, ShardRows> shards, byte[] suffix, SqlValue[] entry)
        {
            ShardId shard = _router.AddKey(suffix, entry[..index.Columns.Count]);
            if (!shards.TryGetValue(shard, out ShardRows? rows))
            {
                rows = new ShardRows();
                shards.Add(shard, rows);
            }

            return rows;
        }
    }
}
