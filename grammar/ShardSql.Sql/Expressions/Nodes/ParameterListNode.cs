using System;
using System.Collections.Generic;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>All values of an IN list as one parameter (<see cref="ParameterList"/>), however many they are. Stands only as
/// an item of IN, as it is or cast.</summary>
internal sealed class ParameterListNode(int ordinal, SqlType type, int position) : Node(type, position, [])
{
    public override bool IsNullable => true;

    /// <summary>The list that a node is; null where it is none.</summary>
    public static ParameterListNode? Of(Node node) => node as ParameterListNode
        ?? (node is CastNode ? Of(node.Children[0]) : null);

    public override SqlValue Evaluate(in Frame frame) =>
        throw new InvalidOperationException("a list is looked into, not evaluated");

    /// <summary>The bytes of the list.</summary>
    public byte[] BytesIn(in Frame frame) => frame.Parameters[ordinal].AsBytes();

    protected override ExpressionNode ToMessage() => new()
    {
        Op = ExpressionOp.BoundParameter,
        Ordinal = (uint)ordinal,
        Type = Type.ToMessage(),
        Flag = true,
    };
}

/// <summary>The values of a list, converted, for as long as its bytes are the same. Safe for many threads.</summary>
internal sealed class ListLookUp(Node item)
{
    private readonly ParameterListNode _list = ParameterListNode.Of(item)!;
    private volatile Contents? _last;

    /// <summary>Whether a value is in the list; null where it is not, but NULL is.</summary>
    public bool? Has(SqlValue value, in Frame frame)
    {
        byte[] bytes = _list.BytesIn(frame);
        Contents? contents = _last;
        if (contents is null || !ReferenceEquals(contents.Bytes, bytes))
        {
            _last = contents = Read(bytes);
        }

        return contents.Values.Contains(value) ? true : contents.HasNull ? null : false;
    }

    private Contents Read(byte[] bytes)
    {
        var values = new HashSet<SqlValue>();
        bool hasNull = false;
        foreach (SqlValue value in ParameterList.Decode(bytes, _list.Type.Kind))
        {
            SqlValue converted = Convert(item, value);
            hasNull |= converted.IsNull;
            if (!converted.IsNull)
            {
                values.Add(converted);
            }
        }

        return new Contents(bytes, values, hasNull);
    }

    private static SqlValue Convert(Node node, SqlValue value) => node is CastNode cast
        ? cast.Convert(Convert(cast.Children[0], value))
        : value;

    private sealed record Contents(byte[] Bytes, HashSet<SqlValue> Values, bool HasNull);
}
