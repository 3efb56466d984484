using System.Collections.Generic;
using System.Linq;
using System.Text;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>Window functions of one partitioning and order.</summary>
internal sealed class WindowGroup
{
    private readonly IReadOnlyList<Expression> _partition;
    private readonly IReadOnlyList<(Expression Value, OrderItem Item)> _order;

    public WindowGroup(IReadOnlyList<Expression> partition, IReadOnlyList<(Expression Value, OrderItem Item)> order)
    {
        _partition = partition;
        _order = order;
        var shape = new StringBuilder();
        foreach (Expression key in partition)
        {
            shape.Append(BoundNodes.Shape(key)).Append(',');
        }

        foreach ((Expression value, OrderItem item) in order)
        {
            shape.Append('|').Append(BoundNodes.Shape(value)).Append(item.Descending).Append(NullsFirst(item));
        }

        Shape = shape.ToString();
    }

    /// <summary>What tells groups apart.</summary>
    public string Shape { get; }

    /// <summary>The functions with the places of their values; their expressions are provisional.</summary>
    public List<(WindowCall Call, uint Place)> Calls { get; } = [];

    /// <summary>Whether NULL comes first.</summary>
    public static bool NullsFirst(OrderItem item) => item.Nulls == NullsOrder.First
        || (item.Nulls == NullsOrder.Default && item.Descending);

    /// <summary>Whether a value is the same in each row of a partition.</summary>
    public bool IsPartitionedBy(Expression value)
    {
        string shape = BoundNodes.Shape(value);
        return _partition.Any(key => BoundNodes.Shape(key) == shape);
    }

    /// <summary>Over the rows of the stage.</summary>
    public WindowNode ToMessage(RelationNode input, Stage stage)
    {
        var node = new WindowNode { Input = input };
        foreach (Expression key in _partition)
        {
            node.Partition.Add(stage.Bytes(key));
        }

        foreach ((Expression value, OrderItem item) in _order)
        {
            node.Order.Add(new WindowOrder
            {
                Value = stage.Bytes(value),
                Descending = item.Descending,
                NullsFirst = NullsFirst(item),
            });
        }

        foreach ((WindowCall call, uint _) in Calls)
        {
            node.Calls.Add(Placed(call, stage));
        }

        return node;
    }

    private static WindowCall Placed(WindowCall call, Stage stage)
    {
        WindowCall placed = call.Clone();
        for (int i = 0; i < placed.Arguments.Count; i++)
        {
            placed.Arguments[i] = Placed(placed.Arguments[i], stage);
        }

        placed.Aggregate = Placed(placed.Aggregate, stage);
        placed.StartOffset = Placed(placed.StartOffset, stage);
        placed.EndOffset = Placed(placed.EndOffset, stage);
        return placed;
    }

    private static ByteString Placed(ByteString bytes, Stage stage) =>
        bytes.IsEmpty ? bytes : stage.Place(Expression.Parser.ParseFrom(bytes)).ToByteString();
}
