using System;
using System.CommandLine;

using Microsoft.Extensions.Logging;

using ShardSql.Gateway.Hosting;

// What arrives is handed on by the thread that polls the sockets, without a change of thread: no reader of this process
// blocks (GrpcServiceMethod.ReadsInline). The runtime has no other switch for it, and reads this at its first socket.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");

// Standard output carries the ready line alone; whatever else there is to say goes to standard error.
using ILoggerFactory loggers = LoggerFactory.Create(logging => logging
    .SetMinimumLevel(LogLevel.Warning)
    .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));

RootCommand server = ServerCommands.Create(new StorageFactory(loggers), loggers, Console.Out, Console.Error);
return await server.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
