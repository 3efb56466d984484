using System.Collections.Generic;
using System.Text.Json;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <content>Functions of JSON.</content>
internal static partial class Functions
{
    private static IEnumerable<Function> JsonFunctions()
    {
        yield return new Function("json_value", 2, 2, JsonAndPath, a => JsonValue(a[0].AsJson(), a[1].AsText()));
    }

    /// <summary>A JSON, or a text that is one.</summary>
    private static SqlType? JsonAndPath(Node[] arguments)
    {
        if (!arguments[0].IsUntyped && arguments[0].Type.Kind is not (SqlKind.Json or SqlKind.Text))
        {
            return null;
        }

        arguments[0] = Coercion.To(arguments[0], SqlType.Json, CastContext.Explicit);
        return Fixed(SqlType.Text, SqlType.Json, SqlType.Text)(arguments);
    }

    /// <summary>The scalar at a path as text; NULL where there is nothing, null, an object or an array.</summary>
    private static SqlValue JsonValue(string json, string path)
    {
        using JsonDocument document = JsonText.Parse(json);
        return JsonPath.Find(document.RootElement, path) switch
        {
            { ValueKind: JsonValueKind.String } text => SqlValue.FromText(text.GetString()!),
            { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } scalar =>
                SqlValue.FromText(scalar.GetRawText()),
            _ => SqlValue.NullOf(SqlKind.Text),
        };
    }
}
