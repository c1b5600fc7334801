import SyncServer

ServerProgram.run()
