using System.IO;

using Google.Protobuf;

using ShardSql.Protocol.Messages;
using ShardSql.Storage.Files;
using ShardSql.Storage.Nodes;

namespace ShardSql.Gateway.Hosting;

/// <summary>The cluster's layout in a data folder: written durably when the folder joins a cluster, and when the layout
/// changes.</summary>
internal static class ClusterFile
{
    private const string Name = "cluster.json";

    /// <summary>The layout in a folder, or null.</summary>
    /// <exception cref="InvalidDataException">There is a file, but no layout in it.</exception>
    public static ClusterLayout? Read(string folder)
    {
        string path = Path.Combine(folder, Name);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return ClusterLayout.FromDescription(ClusterDescription.Parser.ParseJson(File.ReadAllText(path)));
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new InvalidDataException($"{path} is not the layout of a cluster: {exception.Message}", exception);
        }
    }

    /// <summary>Writes the layout of a folder that has none.</summary>
    /// <exception cref="IOException">It has one.</exception>
    public static void Create(string folder, ClusterLayout layout)
    {
        if (File.Exists(Path.Combine(folder, Name)))
        {
            throw new IOException($"{folder} belongs to a cluster already");
        }

        Replace(folder, layout);
    }

    /// <summary>Writes a newer layout; after a crash the file holds the one or the other.</summary>
    public static void Replace(string folder, ClusterLayout layout)
    {
        DiskFileSystem files = DiskFileSystem.Instance;
        files.CreateFolder(folder);
        string path = Path.Combine(folder, Name);
        string next = path + ".next";
        File.WriteAllText(next, JsonFormatter.Default.Format(layout.ToDescription()));
        using (IDurableFile file = files.Open(next))
        {
            file.Sync();
        }

        files.Rename(next, path);
        files.SyncFolder(folder);
    }
}
