using ShardSql.Execution.Plans;

namespace ShardSql.Planning.Relations;

/// <summary>Moves operators from one node to another without copying them: others hold nodes further below.</summary>
internal static class RelationNodes
{
    /// <summary>A node of the same operator.</summary>
    public static RelationNode Detach(RelationNode source)
    {
        var target = new RelationNode();
        Assign(target, source);
        return target;
    }

    /// <summary>Makes a node that of another's operator.</summary>
    public static void Assign(RelationNode target, RelationNode source)
    {
        switch (source.KindCase)
        {
            case RelationNode.KindOneofCase.Stream:
                target.Stream = source.Stream;
                break;
            case RelationNode.KindOneofCase.Values:
                target.Values = source.Values;
                break;
            case RelationNode.KindOneofCase.Filter:
                target.Filter = source.Filter;
                break;
            case RelationNode.KindOneofCase.Project:
                target.Project = source.Project;
                break;
            case RelationNode.KindOneofCase.Join:
                target.Join = source.Join;
                break;
            case RelationNode.KindOneofCase.Aggregate:
                target.Aggregate = source.Aggregate;
                break;
            case RelationNode.KindOneofCase.Distinct:
                target.Distinct = source.Distinct;
                break;
            case RelationNode.KindOneofCase.Sort:
                target.Sort = source.Sort;
                break;
            case RelationNode.KindOneofCase.Limit:
                target.Limit = source.Limit;
                break;
            case RelationNode.KindOneofCase.SetOperation:
                target.SetOperation = source.SetOperation;
                break;
            case RelationNode.KindOneofCase.Apply:
                target.Apply = source.Apply;
                break;
            case RelationNode.KindOneofCase.Window:
                target.Window = source.Window;
                break;
            case RelationNode.KindOneofCase.Shared:
                target.Shared = source.Shared;
                break;
            case RelationNode.KindOneofCase.Recursive:
                target.Recursive = source.Recursive;
                break;
            case RelationNode.KindOneofCase.Working:
                target.Working = source.Working;
                break;
            case RelationNode.KindOneofCase.Spool:
                target.Spool = source.Spool;
                break;
            default:
                target.ClearKind();
                break;
        }
    }
}
