using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>Gives nodes the types that their surroundings need, and finds the type in which several meet.</summary>
internal static class Coercion
{
    /// <summary>The node as a type; inserts a cast where one is needed, or throws 42804, 42846, or what parsing an
    /// untyped literal gives.</summary>
    public static Node To(Node node, SqlType type, CastContext context)
    {
        if (node.IsUntyped)
        {
            return Retype(node, type, context);
        }

        bool sameKind = node.Type.Kind == type.Kind;
        bool constrained = type.Length > 0 || type.Precision > 0;
        if (sameKind && (node.Type == type || !constrained || context == CastContext.Implicit))
        {
            return node;
        }

        if (node is RowNode)
        {
            throw new SqlException(SqlStates.DatatypeMismatch, "a row stands only in a comparison", node.Position);
        }

        if (!SqlCast.IsAllowed(node.Type.Kind, type.Kind, context))
        {
            throw SqlCast.NotAllowed(node.Type, type, context, node.Position);
        }

        return Folding.Fold(new CastNode(node, type, context == CastContext.Assignment, node.Position));
    }

    /// <summary>What stays untyped to the end is text, as in PostgreSQL.</summary>
    public static Node Settle(Node node) => node.IsUntyped ? To(node, SqlType.Text, CastContext.Implicit) : node;

    /// <summary>The type in which all nodes meet, or null when they do not.</summary>
    public static SqlType? Common(IEnumerable<Node> nodes)
    {
        SqlType? common = null;
        foreach (SqlType type in nodes.Where(n => !n.IsUntyped).Select(n => n.Type))
        {
            if (common is null || common == type)
            {
                common = type;
                continue;
            }

            SqlKind? kind = Meet(common.Value.Kind, type.Kind);
            if (kind is null)
            {
                return null;
            }

            common = new SqlType(kind.Value);
        }

        return common ?? SqlType.Text;
    }

    private static SqlKind? Meet(SqlKind left, SqlKind right)
    {
        if (left == right)
        {
            return left;
        }

        if (new SqlType(left).IsNumeric && new SqlType(right).IsNumeric)
        {
            return SqlCast.PromoteNumeric(left, right);
        }

        return SqlCast.IsAllowed(left, right, CastContext.Implicit) ? right
            : SqlCast.IsAllowed(right, left, CastContext.Implicit) ? left : null;
    }

    private static Node Retype(Node node, SqlType type, CastContext context)
    {
        switch (node)
        {
            case ParameterNode parameter:
                return new ParameterNode(parameter.Ordinal, type, node.Position);
            case ConstantNode { Value.IsNull: true }:
                return new ConstantNode(SqlValue.NullOf(type.Kind), type, node.Position);
            case ConstantNode constant:
                return new ConstantNode(Convert(constant, type, context), type, node.Position);
            default:
                throw new InvalidOperationException("only literals and parameters have no type");
        }
    }

    private static SqlValue Convert(ConstantNode constant, SqlType type, CastContext context)
    {
        try
        {
            // The text of a literal becomes a value as an explicit cast would make it, and must then fit its place.
            SqlValue value = SqlCast.To(constant.Value, new SqlType(type.Kind), isExplicit: true);
            return SqlCast.To(value, type, isExplicit: context == CastContext.Explicit);
        }
        catch (SqlException e) when (e.Position == 0)
        {
            throw new SqlException(e.SqlState, e.Message, constant.Position) { Hint = e.Hint, Detail = e.Detail };
        }
    }
}
