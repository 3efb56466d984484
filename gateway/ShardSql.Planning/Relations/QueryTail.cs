using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Values;
using SortKey = ShardSql.Execution.Plans.SortKey;

namespace ShardSql.Planning.Relations;

/// <summary>The operators at the top of a query.</summary>
internal static class QueryTail
{
    /// <summary>Distinct, then order, then limit.</summary>
    public static RelationNode Finish(
        RelationNode node, bool isDistinct, IReadOnlyList<SortKey> order, LimitNode? limit)
    {
        if (isDistinct)
        {
            node = new RelationNode { Distinct = new DistinctNode { Input = node } };
        }

        if (order.Count > 0)
        {
            var sort = new SortNode { Input = node, Keep = limit?.Limit.IsEmpty == false ? limit : null };
            sort.Keys.AddRange(order);
            node = new RelationNode { Sort = sort };
        }

        if (limit is not null)
        {
            LimitNode above = limit.Clone();
            above.Input = node;
            node = new RelationNode { Limit = above };
        }

        return node;
    }

    /// <summary>The first columns alone.</summary>
    public static RelationNode First(RelationNode node, IReadOnlyList<RelationColumn> columns)
    {
        var project = new ProjectNode { Input = node };
        for (int i = 0; i < columns.Count; i++)
        {
            project.Expressions.Add(Column(i, columns[i]));
        }

        return new RelationNode { Project = project };
    }

    /// <summary>The columns as other types, where they differ.</summary>
    public static RelationNode Cast(RelationNode node, IReadOnlyList<RelationColumn> columns, IReadOnlyList<SqlType> types)
    {
        bool isSame = true;
        var project = new ProjectNode { Input = node };
        for (int i = 0; i < columns.Count; i++)
        {
            ByteString column = Column(i, columns[i]);
            if (columns[i].Type.Kind != types[i].Kind)
            {
                isSame = false;
                column = BoundNodes.Bind(BoundNodes.Cast(
                    BoundExpression.Column(i, columns[i].Type, isNullable: true).ToMessage(), types[i]))
                    .ToMessage().ToByteString();
            }

            project.Expressions.Add(column);
        }

        return isSame ? node : new RelationNode { Project = project };
    }

    private static ByteString Column(int ordinal, RelationColumn column) =>
        BoundExpression.Column(ordinal, column.Type, column.IsNullable).ToMessage().ToByteString();
}
