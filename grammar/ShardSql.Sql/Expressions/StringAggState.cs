using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>string_agg: the texts with their separators, by their keys, else as they came.</summary>
internal sealed class StringAggState : IAggregateState
{
    private const int ItemBytes = 64;

    private readonly List<AggregateItem> _items = [];
    private long _characters;

    public SqlValue Result
    {
        get
        {
            if (_items.Count == 0)
            {
                return SqlValue.NullOf(SqlKind.Text);
            }

            var text = new StringBuilder();
            bool isFirst = true;
            foreach (AggregateItem item in _items.OrderBy(i => i.Key, ByteKeyComparer.Instance))
            {
                text.Append(isFirst ? string.Empty : item.Separator).Append(item.Text);
                isFirst = false;
            }

            return SqlValue.FromText(text.ToString());
        }
    }

    public long ExtraBytes { get; private set; }

    public void Add(SqlValue value)
    {
        if (!value.IsNull)
        {
            Add(AggregateItem.From(value));
        }
    }

    public void WritePartial(Span<SqlValue> partial)
    {
        var writer = new ByteWriter();
        foreach (AggregateItem item in _items)
        {
            item.Write(writer);
        }

        partial[0] = SqlValue.FromBytes(writer.ToArray());
    }

    public void MergePartial(ReadOnlySpan<SqlValue> partial)
    {
        var reader = new ByteReader(partial[0] is { IsNull: false, Kind: SqlKind.Bytes } ? partial[0].AsBytes() : []);
        while (reader.Remaining > 0)
        {
            AggregateItem item = AggregateItem.Read(ref reader);
            if (reader.Failed)
            {
                throw AggregateItem.Malformed();
            }

            Add(item);
        }
    }

    private void Add(AggregateItem item)
    {
        _characters += item.Text.Length + (_items.Count == 0 ? 0 : item.Separator.Length);
        Functions.CheckJoinedLength(_characters);
        _items.Add(item);
        ExtraBytes += ItemBytes + item.Key.Length + (2L * (item.Separator.Length + item.Text.Length));
    }
}
