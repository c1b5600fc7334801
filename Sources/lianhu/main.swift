import FieldClient

await FieldProgram.run()
