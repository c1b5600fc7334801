import SyncServer

await ServerProgram.run()
