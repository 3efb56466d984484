using System.Collections.Generic;
using Google.Protobuf.Collections;
using ShardSql.Planning.Access;
using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>
/// Turns the names of expressions into places of a stage's rows: columns, parameters, slots for columns of rows outside,
/// and added columns for queries and window functions.
/// </summary>
internal sealed class ExpressionRewriter
{
    private readonly RelationBuild _build;
    private readonly CommonTables? _tables;

    /// <param name="build">The statement.</param>
    /// <param name="stage">The rows.</param>
    /// <param name="names">The names of their columns.</param>
    /// <param name="outer">Rows outside; null: none.</param>
    /// <param name="tables">Common tables that queries inside see.</param>
    public ExpressionRewriter(
        RelationBuild build, Stage stage, IRowNames names, SubqueryFrame? outer, CommonTables? tables)
    {
        _build = build;
        Stage = stage;
        Names = names;
        Outer = outer;
        _tables = tables;
    }

    /// <summary>The rows.</summary>
    public Stage Stage { get; }

    /// <summary>The names.</summary>
    public IRowNames Names { get; }

    /// <summary>Rows outside.</summary>
    public SubqueryFrame? Outer { get; }

    /// <summary>Groups, where the rows are grouped.</summary>
    public GroupRewriter? Groups { get; init; }

    /// <summary>Whether window functions can stand here.</summary>
    public bool TakesWindows { get; set; }

    /// <summary>The clause, for errors.</summary>
    public string Clause { get; set; } = "this place";

    /// <summary>The expression over the rows.</summary>
    public Expression Rewrite(Expression expression)
    {
        var rewritten = new Expression();
        Emit(ExpressionTree.Of(_build.Binding.Fold(expression)), rewritten.Nodes);
        return rewritten;
    }

    /// <summary>The value of a column, where these rows have it.</summary>
    public Expression? TryColumn(ExpressionNode column)
    {
        if (Groups is null)
        {
            return Names.Find(column);
        }

        var value = new Expression();
        return Groups.TryEmit(ExpressionTree.Of(BoundNodes.Of(column.Clone())), value.Nodes) ? value : null;
    }

    /// <summary>Writes a subtree.</summary>
    public void Emit(ExpressionTree tree, RepeatedField<ExpressionNode> output)
    {
        if (Groups is not null && Groups.TryEmit(tree, output))
        {
            return;
        }

        ExpressionNode node = tree.Node;
        switch (tree.Op)
        {
            case ExpressionOp.Column:
                EmitColumn(node, output);
                break;
            case ExpressionOp.Parameter:
                output.Add(_build.Binding.Place(node));
                break;
            case ExpressionOp.Aggregate:
                throw new SqlException(
                    SqlStates.GroupingError,
                    $"aggregate functions are not allowed in {Clause}",
                    (int)node.Position);
            case ExpressionOp.Window:
                EmitWindow(tree, output);
                break;
            case ExpressionOp.Query or ExpressionOp.Exists:
                output.Add(new SubqueryBinder(_build, this, _tables).Bind(node));
                break;
            case ExpressionOp.Any or ExpressionOp.All:
                output.AddRange(new SubqueryBinder(_build, this, _tables).BindQuantified(tree));
                break;
            default:
                foreach (ExpressionTree child in tree.Children)
                {
                    Emit(child, output);
                }

                output.Add(node);
                break;
        }
    }

    /// <summary>A subtree as an expression of its own.</summary>
    public Expression Rewrite(ExpressionTree tree)
    {
        var rewritten = new Expression();
        Emit(tree, rewritten.Nodes);
        return rewritten;
    }

    private void EmitColumn(ExpressionNode node, RepeatedField<ExpressionNode> output)
    {
        if (Names.Find(node) is { } found && Groups is null)
        {
            foreach (ExpressionNode part in found.Nodes)
            {
                ExpressionNode placed = part.Clone();
                placed.Position = node.Position;
                output.Add(placed);
            }

            return;
        }

        output.Add(Outer?.Find(node) ?? throw Names.Unknown(node));
    }

    private void EmitWindow(ExpressionTree tree, RepeatedField<ExpressionNode> output)
    {
        if (!TakesWindows)
        {
            throw new SqlException(
                SqlStates.WindowingError,
                $"window functions are not allowed in {Clause}",
                (int)tree.Node.Position);
        }

        var arguments = new List<Expression>(tree.Children.Count);
        foreach (ExpressionTree child in tree.Children)
        {
            arguments.Add(Rewrite(child));
        }

        TakesWindows = false;
        output.Add(new WindowBinder(this).Bind(tree.Node, arguments));
        TakesWindows = true;
    }
}
