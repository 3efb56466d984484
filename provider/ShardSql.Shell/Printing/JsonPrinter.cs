using System;
using System.Buffers;
using System.Data.Common;
using System.IO;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Shell.Printing;

/// <summary>An array of objects, a line for each row. What JSON has no kind for is a string.</summary>
internal static class JsonPrinter
{
    private static readonly JsonWriterOptions s_options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,

        // Columns may have the same name twice; that is for the query to mend.
        SkipValidation = true,
    };

    public static async Task PrintAsync(DbDataReader reader, TextWriter output, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>();
        bool isFirst = true;
        await output.WriteAsync('[');
        while (await reader.ReadAsync(cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await output.WriteAsync(isFirst ? "\n" : ",\n");
            isFirst = false;
            buffer.ResetWrittenCount();
            using (var json = new Utf8JsonWriter(buffer, s_options))
            {
                WriteRow(json, reader);
            }

            await output.WriteAsync(Encoding.UTF8.GetString(buffer.WrittenSpan));
        }

        await output.WriteLineAsync(isFirst ? "]" : "\n]");
    }

    private static void WriteRow(Utf8JsonWriter json, DbDataReader reader)
    {
        json.WriteStartObject();
        for (int i = 0; i < reader.FieldCount; i++)
        {
            json.WritePropertyName(reader.GetName(i));
            WriteValue(json, reader, i);
        }

        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, DbDataReader reader, int ordinal)
    {
        if (CellText.Of(reader, ordinal) is not { } text)
        {
            json.WriteNullValue();
            return;
        }

        Type type = reader.GetFieldType(ordinal);
        bool isNumber = CellText.IsNumber(type) && text is not ("NaN" or "Infinity" or "-Infinity");
        if (isNumber || type == typeof(bool) || reader.GetDataTypeName(ordinal) == "json")
        {
            json.WriteRawValue(text, skipInputValidation: true);
        }
        else
        {
            json.WriteStringValue(text);
        }
    }
}
